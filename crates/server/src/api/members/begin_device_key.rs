//! `POST /v1/users/{user}/device-key-options`: begins the registration of a device key.

use super::{SEALED, SealedBody};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::UserId;

/// What the browser is asked.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceKeyOptionsBody {
    /// `PublicKeyCredentialCreationOptionsJSON` of WebAuthn Level 3, for
    /// `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[schema(value_type = Object)]
    public_key: serde_json::Value,
}

/// Begin the registration of a device key; the answer is good for a few minutes
///
/// The payment password is bound to the order `device_key.register`, amount 0, payee empty.
#[utoipa::path(post, path = "/v1/users/{user}/device-key-options", tag = "users",
    operation_id = "begin_device_key", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SealedBody,
    responses((status = OK, body = DeviceKeyOptionsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SealedBody>,
) -> Answer<DeviceKeyOptionsBody> {
    let begun = site.members.begin_device_key(user, &body.envelope, site.now()).await;
    let options = begun.map_err(|error| renamed(error.into(), &SEALED))?;
    Ok(Json(DeviceKeyOptionsBody { public_key: options.0 }))
}
