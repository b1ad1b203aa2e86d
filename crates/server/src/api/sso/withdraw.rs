//! `POST /v1/admin/users/{user}/grants/withdraw`: takes back a grant for its user.

use crate::app::Site;
use crate::extract::{Id, Maker, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::{GrantId, UserId};

/// Which grant.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBody {
    /// The grant.
    #[schema(value_type = String)]
    grant: GrantId,
}

/// Take back a grant for its user; the password-free agreement that it made ends with it
#[utoipa::path(post, path = "/v1/admin/users/{user}/grants/withdraw", tag = "operators",
    operation_id = "withdraw_grant", security(("operator" = [])),
    params(("user" = String, Path, description = "The user")), request_body = WithdrawBody,
    responses((status = NO_CONTENT),
        (status = NOT_FOUND, body = ProblemBody, content_type = "application/problem+json",
            description = "`grant_not_found`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<WithdrawBody>,
) -> Result<StatusCode, Refusal> {
    site.sso.withdraw(user, body.grant, operator.name(), site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
