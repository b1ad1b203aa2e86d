//! `GET /v1/orders`: the orders that the calling merchant placed, newest first.

use super::OrderBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use payments::{Filter, Kind, Page};
use serde::{Deserialize, Serialize};
use types::OrderId;

const DEFAULT_LIMIT: u64 = 50;
const MOST: u64 = 500;

/// Which orders.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrdersQuery {
    /// Only of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<Kind>,
    /// Only the one with this number.
    order_no: Option<String>,
    /// Only refunds of this payment.
    #[param(value_type = Option<String>)]
    refund_of: Option<OrderId>,
    /// Only orders before this one: `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<OrderId>,
    /// At most this many, 1 to 500; 50 if absent.
    limit: Option<u64>,
}

/// A page of orders.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OrdersBody {
    /// Newest first.
    orders: Vec<OrderBody>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<OrderId>,
}

/// The orders that the calling merchant placed, newest first
#[utoipa::path(get, path = "/v1/orders", tag = "orders", operation_id = "list_orders",
    security(("merchant" = [])), params(OrdersQuery),
    responses((status = OK, body = OrdersBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    StrictQuery(query): StrictQuery<OrdersQuery>,
) -> Answer<OrdersBody> {
    let filter = Filter {
        kind: query.kind,
        placed_by: Some(merchant.merchant),
        key: query.order_no,
        refund_of: query.refund_of,
        ..Filter::default()
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
    let orders = site.payments.list(&filter, Page { before: query.cursor, limit }).await?;
    let full = u64::try_from(orders.len()).is_ok_and(|count| count == limit);
    let next = orders.last().map(|order| order.id).filter(|_| full);
    Ok(Json(OrdersBody { orders: orders.into_iter().map(OrderBody::from).collect(), next }))
}
