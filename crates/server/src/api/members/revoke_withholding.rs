//! `DELETE /v1/users/{user}/withholding`: ends the withholding agreement with the calling merchant.

use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::AgreementKind;
use types::UserId;

/// End the withholding agreement with the calling merchant; nothing happens if there is none
#[utoipa::path(delete, path = "/v1/users/{user}/withholding", tag = "users",
    operation_id = "revoke_withholding", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
) -> Result<StatusCode, Refusal> {
    let (kind, now) = (AgreementKind::Withholding, site.now());
    site.members.revoke_agreement(kind, user, merchant.merchant, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
