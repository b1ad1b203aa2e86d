//! `DELETE /v1/users/{user}/primary`: ends what a user is to its primary.

use crate::app::Site;
use crate::extract::{Caller, Id, StrictQuery};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::UserId;

/// Who ends it; a DELETE has no body.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EndSecondaryQuery {
    /// The user itself or its primary.
    #[param(value_type = String)]
    by: UserId,
}

/// End what a user is to its primary, by either of the two
#[utoipa::path(delete, path = "/v1/users/{user}/primary", tag = "users",
    operation_id = "end_secondary", security(("merchant" = [])),
    params(("user" = String, Path, description = "The secondary user"), EndSecondaryQuery),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictQuery(EndSecondaryQuery { by }): StrictQuery<EndSecondaryQuery>,
) -> Result<StatusCode, Refusal> {
    site.members.end_secondary(user, by, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
