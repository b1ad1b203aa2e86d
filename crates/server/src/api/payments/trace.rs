//! `GET /v1/orders/{id}/trace`: what happened to an order that the calling merchant placed.

use super::{OrderBody, not_found, own};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::{OrderId, Timestamp};

/// One step of the order's life. Which rule judged it and which operator decided stay in the house.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrderStepBody {
    #[schema(value_type = String)]
    at: Timestamp,
    /// `created`, `judged`, `authenticated`, `tried`, `sent`, `confirmed`, `cancelled`, `closed`, ...
    #[schema(example = "confirmed")]
    step: String,
}

/// One call to the order's channel.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ChannelCallBody {
    #[schema(value_type = String)]
    at: Timestamp,
    /// `pay`, `refund`, `payout` or `query`.
    #[schema(example = "pay")]
    call: String,
    /// `succeeded`, `failed`, `unknown` or `not_found`.
    #[schema(example = "succeeded")]
    answer: String,
}

/// What happened to an order.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TraceBody {
    order: OrderBody,
    /// Oldest first.
    steps: Vec<OrderStepBody>,
    /// Oldest first; of very many the first and the last.
    calls: Vec<ChannelCallBody>,
    /// The merchant's refunds of it, oldest first, at most 200.
    refunds: Vec<OrderBody>,
}

/// What happened to an order that the calling merchant placed
#[utoipa::path(get, path = "/v1/orders/{id}/trace", tag = "orders", operation_id = "trace_order",
    security(("merchant" = [])), params(("id" = String, Path, description = "The order")),
    responses((status = OK, body = TraceBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
) -> Answer<TraceBody> {
    let merchant = merchant.merchant;
    let id = own(&site, merchant, id).await?.id;
    let trace = site.payments.trace(id).await?.ok_or_else(not_found)?;
    let refunds = trace.refunds.into_iter().filter(|refund| refund.placed_by() == Some(merchant));
    Ok(Json(TraceBody {
        refunds: refunds.map(OrderBody::from).collect(),
        steps: trace.steps.into_iter().map(|s| OrderStepBody { at: s.at, step: s.step }).collect(),
        calls: trace
            .calls
            .into_iter()
            .map(|c| ChannelCallBody { at: c.at, call: c.call, answer: c.answer })
            .collect(),
        order: trace.order.into(),
    }))
}
