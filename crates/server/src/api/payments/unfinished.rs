//! `GET /v1/admin/unfinished`: how many orders are not final.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::Operator;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

/// How many.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UnfinishedBody {
    /// Not final, for whatever reason.
    unfinished: u64,
    /// Of these, those that wait for no person: recovery finishes them by itself.
    processing: u64,
}

/// How many orders are not final
#[utoipa::path(get, path = "/v1/admin/unfinished", tag = "operators",
    operation_id = "count_unfinished", security(("operator" = [])),
    responses((status = OK, body = UnfinishedBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(_: Operator, State(site): State<Site>) -> Answer<UnfinishedBody> {
    let unfinished = site.payments.unfinished().await?;
    let processing = site.payments.processing().await?;
    Ok(Json(UnfinishedBody { unfinished, processing }))
}
