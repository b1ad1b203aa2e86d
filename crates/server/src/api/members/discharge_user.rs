//! `DELETE /v1/admin/users/{user}/organisation`: ends what lets a user act for its organisation.

use crate::app::Site;
use crate::extract::{Id, Maker, StrictQuery};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::UserId;

/// Why; a DELETE has no body.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DischargeQuery {
    /// Why.
    reason: String,
}

/// End what lets a user act for its organisation; its credentials go with it
#[utoipa::path(delete, path = "/v1/admin/users/{user}/organisation", tag = "operators",
    operation_id = "discharge_user", security(("operator" = [])),
    params(("user" = String, Path, description = "The user"), DischargeQuery),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictQuery(DischargeQuery { reason }): StrictQuery<DischargeQuery>,
) -> Result<StatusCode, Refusal> {
    site.members.discharge_user(user, operator.name(), &reason, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
