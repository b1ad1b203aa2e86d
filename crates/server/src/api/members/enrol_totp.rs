//! `POST /v1/users/{user}/totp`: a secret for the user's authenticator app.

use super::EnvelopeBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::keypad::Envelope;
use serde::{Deserialize, Serialize};
use types::UserId;

/// The payment password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolTotpBody {
    /// Bound to the order `totp.enrol`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// What the app is given; shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewTotpBody {
    /// For typing: base32.
    secret: String,
    /// For a picture: `otpauth://totp/...`.
    uri: String,
}

/// Make a secret for the user's authenticator app, to be confirmed by its first code
#[utoipa::path(post, path = "/v1/users/{user}/totp", tag = "users", operation_id = "enrol_totp",
    security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = EnrolTotpBody,
    responses((status = OK, body = NewTotpBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<EnrolTotpBody>,
) -> Answer<NewTotpBody> {
    let new = site.members.enrol_totp(user, &body.envelope, site.now()).await?;
    // The one moment at which the user may see it.
    let (secret, uri) = (new.secret.expose().to_owned(), new.uri.expose().to_owned());
    Ok(Json(NewTotpBody { secret, uri }))
}
