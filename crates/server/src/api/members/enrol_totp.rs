//! `POST /v1/users/{user}/totp`: a secret for the user's authenticator app.

use super::{SEALED, SealedBody};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::UserId;

/// What the app is given; shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewTotpBody {
    /// For typing: base32.
    secret: String,
    /// For a picture: `otpauth://totp/...`.
    uri: String,
}

/// Make a secret for the user's authenticator app, to be confirmed by its first code
///
/// The payment password is bound to the order `totp.enrol`, amount 0, payee empty.
#[utoipa::path(post, path = "/v1/users/{user}/totp", tag = "users", operation_id = "enrol_totp",
    security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SealedBody,
    responses((status = OK, body = NewTotpBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SealedBody>,
) -> Answer<NewTotpBody> {
    let new = site.members.enrol_totp(user, &body.envelope, site.now()).await;
    let new = new.map_err(|error| renamed(error.into(), &SEALED))?;
    // The one moment at which the user may see it.
    let (secret, uri) = (new.secret.expose().to_owned(), new.uri.expose().to_owned());
    Ok(Json(NewTotpBody { secret, uri }))
}
