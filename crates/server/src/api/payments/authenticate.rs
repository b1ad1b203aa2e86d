//! `POST /v1/orders/{id}/authentication`: brings what the payer shows for an order that waits.

use super::factors::FactorsBody;
use super::{OrderBody, own};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use types::OrderId;

/// What the payments' room calls otherwise than this request does.
const NAMES: [(&str, &str); 8] = [
    ("order", "id"),
    ("auth", "password"),
    ("code", "message_code"),
    ("credential_id", "device_key.credential_id"),
    ("client_data", "device_key.client_data"),
    ("authenticator_data", "device_key.authenticator_data"),
    ("signature", "device_key.signature"),
    ("user_handle", "device_key.user_handle"),
];

/// Bring the payer's credentials for an order that is `authentication_required`; the day's limit
/// follows from them anew
#[utoipa::path(post, path = "/v1/orders/{id}/authentication", tag = "orders",
    operation_id = "authenticate_order", security(("merchant" = [])),
    params(("id" = String, Path, description = "The order")), request_body = FactorsBody,
    responses((status = OK, body = OrderBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    StrictJson(body): StrictJson<FactorsBody>,
) -> Answer<OrderBody> {
    let order = own(&site, merchant.merchant, id).await?.id;
    let brought = site.payments.authenticate(order, body.read()?, site.now()).await;
    Ok(Json(brought.map_err(|problem| renamed(problem, &NAMES))?.into()))
}
