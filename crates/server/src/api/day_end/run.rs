//! `POST /v1/admin/day-ends/{date}/run`: an operator takes a step now.

use super::StepBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Date, Maker, Operator, Reader, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use dayend::StepView;
use serde::Deserialize;
use types::{BusinessDate, Problem};

/// Which step.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunBody {
    /// The step.
    #[schema(example = "fetch_statement")]
    step: String,
    /// The channel, for a step that is taken once for each.
    #[schema(example = "card")]
    channel: Option<String>,
}

/// Writes who asked into the audit log and takes the step.
pub(crate) async fn run(
    site: &Site,
    operator: &Operator,
    date: BusinessDate,
    step: &str,
    channel: Option<&str>,
) -> Result<StepView, Problem> {
    let now = site.now();
    let actor = operator.name().to_owned();
    let asked = serde_json::json!({ "step": step, "channel": channel });
    site.records
        .write::<(), records::Error, _>(move |txn| {
            Box::pin(async move {
                let (action, subject) = ("day_end.run", date.to_string());
                let after = Some(&asked);
                records::audit::append(txn, &actor, action, &subject, None, after, now).await?;
                Ok(())
            })
        })
        .await?;
    site.day_end.run_now(date, step, channel, now).await
}

/// Take a step of a day's end now, whether it was done before or not
#[utoipa::path(post, path = "/v1/admin/day-ends/{date}/run", tag = "operators",
    operation_id = "run_day_end_step", security(("operator" = [])),
    params(("date" = String, Path, description = "The accounting date", example = "2026-10-12")),
    request_body = RunBody,
    responses((status = OK, body = StepBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Reader(locale): Reader,
    Date(date): Date,
    StrictJson(body): StrictJson<RunBody>,
) -> Answer<StepBody> {
    let view = run(&site, &operator, date, &body.step, body.channel.as_deref()).await?;
    Ok(Json(StepBody::new(view, locale)))
}
