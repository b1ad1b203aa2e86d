//! `GET /health/live`: the process answers.

use axum::Json;
use serde::Serialize;

/// The process runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Live {
    /// `live`.
    status: &'static str,
}

/// Whether the process answers
#[utoipa::path(get, path = "/health/live", tag = "health", operation_id = "health_live",
    responses((status = OK, body = Live)))]
pub async fn handler() -> Json<Live> {
    Json(Live { status: "live" })
}
