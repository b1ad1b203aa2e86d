//! `POST /v1/users/{user}/totp/remove`: removes the authenticator app.

use super::{SealedBody, done};
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use types::UserId;

/// Remove the authenticator app
///
/// The payment password is bound to the order `totp.remove`, amount 0, payee empty.
#[utoipa::path(post, path = "/v1/users/{user}/totp/remove", tag = "users",
    operation_id = "remove_totp", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SealedBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SealedBody>,
) -> Result<StatusCode, Refusal> {
    done(site.members.remove_totp(user, &body.envelope, site.now()).await)
}
