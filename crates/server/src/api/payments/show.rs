//! `GET /v1/orders/{id}`: an order that the calling merchant placed.

use super::{OrderBody, own};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use types::OrderId;

/// An order that the calling merchant placed
#[utoipa::path(get, path = "/v1/orders/{id}", tag = "orders", operation_id = "show_order",
    security(("merchant" = [])), params(("id" = String, Path, description = "The order")),
    responses((status = OK, body = OrderBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Caller(merchant): Caller,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
) -> Answer<OrderBody> {
    Ok(Json(own(&site, merchant.merchant, id).await?.into()))
}
