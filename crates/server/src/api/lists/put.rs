//! `PUT /v1/admin/lists`: puts a value on a list; a newer entry replaces an older one.

use super::ListEntryBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Maker, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use risk::{Level, ListEntry, Listed};
use serde::Deserialize;
use types::Timestamp;

/// An entry.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutListBody {
    #[schema(value_type = String, example = "device")]
    listed: Listed,
    value: String,
    #[schema(value_type = String, example = "black")]
    level: Level,
    reason: String,
    /// In force before this moment; without it until it is taken off.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

/// Put a value on a list; in force when this answers
#[utoipa::path(put, path = "/v1/admin/lists", tag = "operators", operation_id = "put_list",
    security(("operator" = [])), request_body = PutListBody,
    responses((status = OK, body = ListEntryBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    StrictJson(body): StrictJson<PutListBody>,
) -> Answer<ListEntryBody> {
    let entry = ListEntry {
        listed: body.listed,
        value: body.value,
        level: body.level,
        source: operator.name().to_owned(),
        reason: body.reason,
        expires_at: body.expires_at,
        created_at: site.now(),
    };
    Ok(Json(super::put(&site, entry).await?.into()))
}
