//! `POST /v1/users/{user}/device-keys`: finishes the registration of a device key.

use super::device_key::{DeviceKeyBody, bytes, integrity};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::NewDeviceKey;
use serde::Deserialize;
use types::UserId;

/// What the browser answered to `navigator.credentials.create`, and what the app says of its
/// device. Bytes are base64url without padding.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeviceKeyBody {
    /// What its owner calls it, 1 to 64 characters.
    #[schema(example = "my phone")]
    name: String,
    /// `rawId`.
    credential_id: String,
    /// `response.clientDataJSON`.
    client_data: String,
    /// `response.attestationObject`.
    attestation_object: String,
    /// The device's id.
    #[serde(default)]
    device: Option<String>,
    /// Whether the device was rooted or jailbroken: `unknown` (if absent), `intact`, `compromised`.
    #[serde(default)]
    integrity: Option<String>,
}

/// Finish the registration of a device key
#[utoipa::path(post, path = "/v1/users/{user}/device-keys", tag = "users",
    operation_id = "finish_device_key", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = NewDeviceKeyBody,
    responses((status = OK, body = DeviceKeyBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<NewDeviceKeyBody>,
) -> Answer<DeviceKeyBody> {
    let new = NewDeviceKey {
        name: body.name,
        credential_id: bytes(&body.credential_id, "credential_id")?,
        client_data: bytes(&body.client_data, "client_data")?,
        attestation_object: bytes(&body.attestation_object, "attestation_object")?,
        device: body.device,
        integrity: integrity(body.integrity.as_deref(), "integrity")?,
    };
    let actor = merchant.merchant.to_string();
    let key = site.members.finish_device_key(user, new, &actor, site.now()).await?;
    Ok(Json(DeviceKeyBody::of(&site.members, key)))
}
