//! What a payer shows for an order, in one shape: when it is placed and while it waits.

use crate::api::members::{EnvelopeBody, bytes, integrity};
use members::keypad::Envelope;
use members::{Credentials, DeviceAnswer};
use serde::Deserialize;
use types::Problem;

/// Several credentials, of which one is a password, a gesture or a device key: two sorts of factors
/// have a higher limit a day.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorsBody {
    /// The payment password, bound to the order's number, amount and payee.
    #[serde(default)]
    #[schema(value_type = Option<EnvelopeBody>)]
    password: Option<Envelope>,
    /// The gesture password, bound alike; for small amounts, and not where the password is asked
    /// for.
    #[serde(default)]
    #[schema(value_type = Option<EnvelopeBody>)]
    gesture: Option<Envelope>,
    /// A one-time code sent for the purpose `order` with the order's number, amount and payee.
    #[serde(default)]
    message_code: Option<String>,
    /// A one-time code of the authenticator app.
    #[serde(default)]
    app_code: Option<String>,
    /// Over the challenge of `/v1/orders/{id}/device-key-challenge`: for an order that waits.
    #[serde(default)]
    device_key: Option<DeviceAnswerBody>,
}

impl FactorsBody {
    /// The credentials, for the members' room to check.
    ///
    /// # Errors
    /// `invalid_field`, named as in a body of this shape.
    pub fn read(self) -> Result<Credentials, Problem> {
        Ok(Credentials {
            password: self.password,
            gesture: self.gesture,
            message_code: self.message_code,
            app_code: self.app_code,
            device_key: self.device_key.map(|answer| answer.read()).transpose()?,
        })
    }
}

/// What a device key signed: the browser's answer to `navigator.credentials.get`, or `details` of
/// a confirmed payment. Bytes are base64url without padding.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceAnswerBody {
    /// `rawId`.
    credential_id: String,
    /// `response.clientDataJSON`.
    client_data: String,
    /// `response.authenticatorData`.
    authenticator_data: String,
    /// `response.signature`.
    signature: String,
    /// `response.userHandle`, where there is one.
    #[serde(default)]
    user_handle: Option<String>,
    /// What the app says of its device now: `unknown` (if absent), `intact`, `compromised`.
    #[serde(default)]
    integrity: Option<String>,
}

impl DeviceAnswerBody {
    fn read(&self) -> Result<DeviceAnswer, Problem> {
        let handle = self.user_handle.as_deref();
        Ok(DeviceAnswer {
            credential_id: bytes(&self.credential_id, "device_key.credential_id")?,
            client_data: bytes(&self.client_data, "device_key.client_data")?,
            authenticator_data: bytes(&self.authenticator_data, "device_key.authenticator_data")?,
            signature: bytes(&self.signature, "device_key.signature")?,
            user_handle: handle.map(|text| bytes(text, "device_key.user_handle")).transpose()?,
            integrity: integrity(self.integrity.as_deref(), "device_key.integrity")?,
        })
    }
}
