//! `DELETE /v1/admin/lists`: takes a value off its list.

use crate::app::Site;
use crate::extract::{Maker, StrictQuery};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use risk::Listed;
use serde::Deserialize;

/// Which value.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TakeQuery {
    #[param(value_type = String)]
    listed: Listed,
    /// As it was put, or as the list shows it.
    value: String,
}

/// Take a value off its list
#[utoipa::path(delete, path = "/v1/admin/lists", tag = "operators", operation_id = "take_off_list",
    security(("operator" = [])), params(TakeQuery),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    StrictQuery(TakeQuery { listed, value }): StrictQuery<TakeQuery>,
) -> Result<StatusCode, Refusal> {
    super::take(&site, (listed, value), operator.name()).await?;
    Ok(StatusCode::NO_CONTENT)
}
