//! `POST /v1/admin/channels/{code}`: takes a channel on or off line.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Code, Maker, Operator, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::Problem;

/// Whether it takes new orders.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnLine {
    /// Whether it takes new orders.
    on_line: bool,
}

/// Takes a channel on or off line and writes it into the audit log.
pub(crate) async fn set(
    site: &Site,
    operator: &Operator,
    code: &str,
    on_line: bool,
) -> Result<(), Problem> {
    let actor = operator.name().to_owned();
    let channel = site.channels.get(code)?;
    let was = channel.view().on_line;
    let (subject, now) = (channel.code().to_owned(), site.now());
    let word = |on_line: bool| serde_json::json!({ "on_line": on_line });
    let (before, after) = (word(was), word(on_line));
    site.records
        .write::<(), records::Error, _>(move |txn| {
            Box::pin(async move {
                let (before, after) = (Some(&before), Some(&after));
                let action = "channel.on_line";
                records::audit::append(txn, &actor, action, &subject, before, after, now).await?;
                Ok(())
            })
        })
        .await?;
    Ok(site.channels.set_on_line(code, on_line)?)
}

/// Take a channel on or off line; orders that went to it before are finished either way
#[utoipa::path(post, path = "/v1/admin/channels/{code}", tag = "operators",
    operation_id = "set_channel_on_line", security(("operator" = [])),
    params(("code" = String, Path, description = "The channel's code", example = "card")),
    request_body = OnLine,
    responses((status = OK, body = OnLine),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Code(code): Code,
    StrictJson(OnLine { on_line }): StrictJson<OnLine>,
) -> Answer<OnLine> {
    set(&site, &operator, &code, on_line).await?;
    Ok(Json(OnLine { on_line }))
}
