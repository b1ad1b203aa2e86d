//! `POST /v1/orders/{id}/authentication`: brings the payer's password for an order that waits.

use super::{OrderBody, own};
use crate::api::Answer;
use crate::api::members::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use members::keypad::Envelope;
use serde::Deserialize;
use types::OrderId;

/// What the payments' room calls otherwise than this request does.
const NAMES: [(&str, &str); 2] = [("order", "id"), ("password", "envelope")];

/// The payer's password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthenticateBody {
    /// Bound to the order's number, amount and payee.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Bring the payer's password for an order that is `authentication_required`
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
    let order = site.payments.authenticate(order, &body.envelope, site.now()).await;
    Ok(Json(order.map_err(|problem| renamed(problem, &NAMES))?.into()))
}
