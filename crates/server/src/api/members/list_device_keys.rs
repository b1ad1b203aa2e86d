//! `GET /v1/users/{user}/device-keys`: a user's device keys.

use super::device_key::DeviceKeyBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::UserId;

/// A user's device keys.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceKeysBody {
    /// Oldest first, without those that were removed.
    device_keys: Vec<DeviceKeyBody>,
}

/// List a user's device keys
#[utoipa::path(get, path = "/v1/users/{user}/device-keys", tag = "users",
    operation_id = "list_device_keys", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")),
    responses((status = OK, body = DeviceKeysBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
) -> Answer<DeviceKeysBody> {
    let keys = site.members.device_keys(user).await?;
    let shown = keys.into_iter().map(|key| DeviceKeyBody::of(&site.members, key));
    Ok(Json(DeviceKeysBody { device_keys: shown.collect() }))
}
