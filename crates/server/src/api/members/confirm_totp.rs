//! `POST /v1/users/{user}/totp/confirm`: confirms the authenticator app by its first code.

use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::UserId;

/// The first code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotpBody {
    /// Six digits.
    code: String,
}

/// Confirm the authenticator app by its first code
#[utoipa::path(post, path = "/v1/users/{user}/totp/confirm", tag = "users",
    operation_id = "confirm_totp", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = ConfirmTotpBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<ConfirmTotpBody>,
) -> Result<StatusCode, Refusal> {
    site.members.confirm_totp(user, &body.code, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
