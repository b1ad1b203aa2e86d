//! `POST /v1/users/{user}/totp/remove`: removes the authenticator app.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// The payment password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveTotpBody {
    /// Bound to the order `totp.remove`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Remove the authenticator app
#[utoipa::path(post, path = "/v1/users/{user}/totp/remove", tag = "users",
    operation_id = "remove_totp", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = RemoveTotpBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<RemoveTotpBody>,
) -> Result<StatusCode, Refusal> {
    site.members.remove_totp(user, &body.envelope, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
