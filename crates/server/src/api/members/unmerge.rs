//! `POST /v1/admin/users/{user}/unmerge`: asks for a user to be split off its customer.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Id, Maker, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::UserId;

/// Why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmergeBody {
    reason: String,
}

/// What waits for a second person.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AskedBody {
    /// The number of the approval.
    approval: i64,
}

/// Ask for a user to be split off its customer; another operator decides
#[utoipa::path(post, path = "/v1/admin/users/{user}/unmerge", tag = "operators",
    operation_id = "ask_unmerge", security(("operator" = [])),
    params(("user" = String, Path, description = "The user")), request_body = UnmergeBody,
    responses((status = OK, body = AskedBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(UnmergeBody { reason }): StrictJson<UnmergeBody>,
) -> Answer<AskedBody> {
    let now = site.now();
    let approval = site.members.ask_unmerge(user, operator.name(), &reason, now).await?;
    Ok(Json(AskedBody { approval }))
}
