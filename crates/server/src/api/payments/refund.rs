//! `POST /v1/orders/{id}/refunds`: gives a payment back, in part or in full.

use super::{OrderBody, own};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id, IdempotencyKey, StrictJson};
use crate::problem::{ProblemBody, renamed};
use axum::Json;
use axum::extract::State;
use payments::NewRefund;
use serde::Deserialize;
use types::OrderId;

/// What the payments' room calls otherwise than this request does.
const NAMES: [(&str, &str); 3] = [("of", "id"), ("key", "order_no"), ("order", "order_no")];

/// A refund.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRefundBody {
    /// The merchant's own number, of the same name space as its orders'; the header
    /// Idempotency-Key may give it instead.
    #[serde(default)]
    order_no: Option<String>,
    /// Minor units (fen).
    #[schema(example = 500)]
    amount_minor: i64,
    /// Why, at most 128 characters.
    #[serde(default)]
    subject: String,
    /// Where the result is told; the merchant's own URL if absent.
    #[serde(default)]
    notify_url: Option<String>,
}

/// Refund a payment, in part or in full, by the way it came
#[utoipa::path(post, path = "/v1/orders/{id}/refunds", tag = "orders",
    operation_id = "refund_order", security(("merchant" = [])),
    params(("id" = String, Path, description = "The payment"),
        ("Idempotency-Key" = Option<String>, Header, description = "Instead of `order_no`")),
    request_body = NewRefundBody,
    responses((status = OK, body = OrderBody, description = "The refund, an order of its own"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    key: IdempotencyKey,
    StrictJson(body): StrictJson<NewRefundBody>,
) -> Answer<OrderBody> {
    let of = own(&site, merchant.merchant, id).await?.id;
    let new = NewRefund {
        merchant: merchant.merchant,
        key: key.order_no(body.order_no)?,
        of,
        amount: body.amount_minor,
        subject: body.subject,
        notify_url: body.notify_url,
    };
    let refund = site.payments.refund(new, site.now()).await;
    Ok(Json(refund.map_err(|problem| renamed(problem, &NAMES))?.into()))
}
