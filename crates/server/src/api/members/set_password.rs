//! `PUT /v1/users/{user}/payment-password`: sets the first payment password.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// The sealed password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPasswordBody {
    /// Bound to the order `password.set`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Set the first payment password
#[utoipa::path(put, path = "/v1/users/{user}/payment-password", tag = "users",
    operation_id = "set_payment_password", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SetPasswordBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SetPasswordBody>,
) -> Result<StatusCode, Refusal> {
    site.members.set_payment_password(user, &body.envelope, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
