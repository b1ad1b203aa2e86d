//! `PUT /v1/users/{user}/payment-password`: sets the first payment password.

use super::{SealedBody, done};
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use types::UserId;

/// Set the first payment password
///
/// The new password is bound to the order `password.set`, amount 0, payee empty.
#[utoipa::path(put, path = "/v1/users/{user}/payment-password", tag = "users",
    operation_id = "set_payment_password", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SealedBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SealedBody>,
) -> Result<StatusCode, Refusal> {
    done(site.members.set_payment_password(user, &body.envelope, site.now()).await)
}
