//! `PUT /v1/device-keys/{id}/name`: names a device key.

use super::device_key::DeviceKeyBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use types::DeviceKeyId;

/// The name.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceKeyNameBody {
    /// 1 to 64 characters.
    #[schema(example = "my old phone")]
    name: String,
}

/// Name a device key
#[utoipa::path(put, path = "/v1/device-keys/{id}/name", tag = "users",
    operation_id = "rename_device_key", security(("merchant" = [])),
    params(("id" = String, Path, description = "The device key")),
    request_body = DeviceKeyNameBody,
    responses((status = OK, body = DeviceKeyBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<DeviceKeyId>,
    StrictJson(body): StrictJson<DeviceKeyNameBody>,
) -> Answer<DeviceKeyBody> {
    let actor = merchant.merchant.to_string();
    let key = site.members.rename_device_key(id, body.name, &actor, site.now()).await?;
    Ok(Json(DeviceKeyBody::of(&site.members, key)))
}
