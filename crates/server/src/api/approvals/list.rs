//! `GET /v1/admin/approvals`: what was asked, newest first.

use super::ApprovalBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Operator, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use records::approvals;
use serde::{Deserialize, Serialize};

const LIMIT: u64 = 100;

/// Which of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApprovalsQuery {
    /// Only those that wait for somebody.
    #[serde(default)]
    waiting: bool,
    /// Only those before this number.
    before: Option<i64>,
}

/// A page of approvals.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ApprovalsBody {
    /// Newest first; at most 100.
    approvals: Vec<ApprovalBody>,
}

/// List what was asked of a second person
#[utoipa::path(get, path = "/v1/admin/approvals", tag = "operators", operation_id = "approvals",
    security(("operator" = [])), params(ApprovalsQuery),
    responses((status = OK, body = ApprovalsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    StrictQuery(query): StrictQuery<ApprovalsQuery>,
) -> Answer<ApprovalsBody> {
    let db = site.records.db();
    let page = approvals::page(db, query.waiting, query.before, LIMIT).await?;
    Ok(Json(ApprovalsBody { approvals: page.into_iter().map(ApprovalBody::from).collect() }))
}
