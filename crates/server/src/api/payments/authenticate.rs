//! `POST /v1/orders/{id}/authentication`: brings the payer's password, or a device key's
//! signature, for an order that waits.

use super::{OrderBody, own};
use crate::api::Answer;
use crate::api::members::{EnvelopeBody, bytes};
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use members::DeviceAnswer;
use members::keypad::Envelope;
use serde::Deserialize;
use types::{OrderId, Problem, ProblemKind};

/// What the payments' room calls otherwise than this request does.
const NAMES: [(&str, &str); 7] = [
    ("order", "id"),
    ("password", "envelope"),
    ("credential_id", "device_key.credential_id"),
    ("client_data", "device_key.client_data"),
    ("authenticator_data", "device_key.authenticator_data"),
    ("signature", "device_key.signature"),
    ("user_handle", "device_key.user_handle"),
];

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
        })
    }
}

/// The payer's password, or what its device key signed: one of the two.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthenticateBody {
    /// Bound to the order's number, amount and payee.
    #[serde(default)]
    #[schema(value_type = Option<EnvelopeBody>)]
    envelope: Option<Envelope>,
    /// Over the challenge of `/v1/orders/{id}/device-key-challenge`.
    #[serde(default)]
    device_key: Option<DeviceAnswerBody>,
}

fn one_of_two() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "missing_field",
        "send `envelope` or `device_key`, one of the two",
        "须给出 envelope 或 device_key 之一",
    )
    .at("envelope")
}

/// Bring the payer's password, or a device key's signature, for an order that is
/// `authentication_required`
#[utoipa::path(post, path = "/v1/orders/{id}/authentication", tag = "orders",
    operation_id = "authenticate_order", security(("merchant" = [])),
    params(("id" = String, Path, description = "The order")), request_body = AuthenticateBody,
    responses((status = OK, body = OrderBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    StrictJson(body): StrictJson<AuthenticateBody>,
) -> Answer<OrderBody> {
    let order = own(&site, merchant.merchant, id).await?.id;
    let (payments, now) = (&site.payments, site.now());
    let order = match (body.envelope, body.device_key) {
        (Some(envelope), None) => payments.authenticate(order, &envelope, now).await,
        (None, Some(answer)) => {
            payments.authenticate_by_device_key(order, answer.read()?, now).await
        }
        _ => Err(one_of_two()),
    };
    Ok(Json(order.map_err(|problem| renamed(problem, &NAMES))?.into()))
}
