//! `GET /v1/admin/day-ends/{date}`: how far a day's end is.

use super::StepBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Date, Operator, Reader};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::BusinessDate;

/// A day's end.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DayEndBody {
    /// The dates whose end is not done, oldest first.
    #[schema(value_type = Vec<String>)]
    unfinished: Vec<BusinessDate>,
    /// The steps of the date, in their order; none if the date was not open yet.
    steps: Vec<StepBody>,
}

/// How far a day's end is
#[utoipa::path(get, path = "/v1/admin/day-ends/{date}", tag = "operators",
    operation_id = "show_day_end", security(("operator" = [])),
    params(("date" = String, Path, description = "The accounting date", example = "2026-10-12")),
    responses((status = OK, body = DayEndBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    Reader(locale): Reader,
    Date(date): Date,
) -> Answer<DayEndBody> {
    let steps = site.day_end.steps(date).await?.into_iter();
    let steps = steps.map(|view| StepBody::new(view, locale)).collect();
    Ok(Json(DayEndBody { unfinished: site.day_end.unfinished().await?, steps }))
}
