//! `POST /v1/users/{user}/device-key-options`: begins the registration of a device key.

use super::EnvelopeBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use members::keypad::Envelope;
use serde::{Deserialize, Serialize};
use types::{Problem, UserId};

/// The payer's password: whoever adds a key must know it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginDeviceKeyBody {
    /// Bound to the order `device_key.register`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// What the browser is asked.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceKeyOptionsBody {
    /// `PublicKeyCredentialCreationOptionsJSON` of WebAuthn Level 3, for
    /// `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[schema(value_type = Object)]
    public_key: serde_json::Value,
}

/// Begin the registration of a device key; the answer is good for a few minutes
#[utoipa::path(post, path = "/v1/users/{user}/device-key-options", tag = "users",
    operation_id = "begin_device_key", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = BeginDeviceKeyBody,
    responses((status = OK, body = DeviceKeyOptionsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<BeginDeviceKeyBody>,
) -> Answer<DeviceKeyOptionsBody> {
    let begun = site.members.begin_device_key(user, &body.envelope, site.now()).await;
    let options =
        begun.map_err(|error| renamed(Problem::from(error), &[("password", "envelope")]))?;
    Ok(Json(DeviceKeyOptionsBody { public_key: options.0 }))
}
