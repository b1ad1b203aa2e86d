//! `POST /v1/orders/{id}/device-key-challenge`: a challenge that carries an order.

use super::own;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::OrderId;

/// Where the order is to be signed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceKeyChallengeBody {
    /// The merchant's page, as an origin, if the browser itself is to show the payment there.
    #[serde(default)]
    #[schema(example = "https://shop.example")]
    page: Option<String>,
}

/// What the browser is asked; either form answers the same challenge.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeviceKeyRequestBody {
    /// `PublicKeyCredentialRequestOptionsJSON` of WebAuthn Level 3, for
    /// `PublicKeyCredential.parseRequestOptionsFromJSON` on a page of the institution.
    #[schema(value_type = Object)]
    public_key: serde_json::Value,
    /// The data of the payment method `secure-payment-confirmation`, bytes in base64url, and the
    /// total beside; where a page was named and a merchant is paid.
    #[schema(value_type = Option<Object>)]
    payment: Option<serde_json::Value>,
}

/// Get a challenge that carries an order which is `authentication_required`; it takes the place of
/// the last one
#[utoipa::path(post, path = "/v1/orders/{id}/device-key-challenge", tag = "orders",
    operation_id = "device_key_challenge", security(("merchant" = [])),
    params(("id" = String, Path, description = "The order")),
    request_body = DeviceKeyChallengeBody,
    responses((status = OK, body = DeviceKeyRequestBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    StrictJson(body): StrictJson<DeviceKeyChallengeBody>,
) -> Answer<DeviceKeyRequestBody> {
    let order = own(&site, merchant.merchant, id).await?.id;
    let asked = site.payments.device_challenge(order, body.page.as_deref(), site.now()).await;
    let asked = asked.map_err(|problem| renamed(problem, &[("order", "id")]))?;
    Ok(Json(DeviceKeyRequestBody {
        public_key: asked.sign.0,
        payment: asked.payment.map(|payment| payment.0),
    }))
}
