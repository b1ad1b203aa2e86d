//! `GET /health/ready`: the book takes commands and the records answer.

use crate::api::Answer;
use crate::app::Site;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use records::audit;
use serde::Serialize;

/// Orders are taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ready {
    /// `ready`.
    status: &'static str,
}

/// Whether orders are taken
#[utoipa::path(get, path = "/health/ready", tag = "health", operation_id = "health_ready",
    responses((status = OK, body = Ready),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(State(site): State<Site>) -> Answer<Ready> {
    site.book.standing()?;
    audit::list(&site.records, None, None, 1).await?;
    Ok(Json(Ready { status: "ready" }))
}
