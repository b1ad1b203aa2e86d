//! `GET /v1/admin/lists`: what stands on the lists.

use super::ListEntryBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Operator, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use risk::Listed;
use serde::{Deserialize, Serialize};

const LIMIT: u64 = 200;

/// Which entries.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListsQuery {
    /// Only behind this element; together with `after_value`.
    #[param(value_type = Option<String>)]
    after: Option<Listed>,
    /// Only behind this value of it.
    after_value: Option<String>,
}

/// A page of entries, in force or expired.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ListsBody {
    /// In order of element and value; at most 200.
    entries: Vec<ListEntryBody>,
}

/// List what stands on the black, grey and white lists
#[utoipa::path(get, path = "/v1/admin/lists", tag = "operators", operation_id = "show_lists",
    security(("operator" = [])), params(ListsQuery),
    responses((status = OK, body = ListsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    StrictQuery(query): StrictQuery<ListsQuery>,
) -> Answer<ListsBody> {
    let after = query.after.map(|listed| (listed, query.after_value.unwrap_or_default()));
    let entries = site.risk.lists(after, LIMIT).await?;
    Ok(Json(ListsBody { entries: entries.into_iter().map(ListEntryBody::from).collect() }))
}
