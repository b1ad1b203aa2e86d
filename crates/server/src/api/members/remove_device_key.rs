//! `DELETE /v1/device-keys/{id}`: removes a device key.

use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use types::DeviceKeyId;

/// Remove a device key: it signs nothing more
#[utoipa::path(delete, path = "/v1/device-keys/{id}", tag = "users",
    operation_id = "remove_device_key", security(("merchant" = [])),
    params(("id" = String, Path, description = "The device key")),
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<DeviceKeyId>,
) -> Result<StatusCode, Refusal> {
    let actor = merchant.merchant.to_string();
    site.members.remove_device_key(id, &actor, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
