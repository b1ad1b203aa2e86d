//! `POST /v1/admin/orders/{id}/review`: decides an order that waits for a person.

use super::OrderBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Checker, Id, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use types::OrderId;

/// The decision.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBody {
    /// Whether the order goes on; else it fails and its money is released.
    approve: bool,
}

/// Decide an order under review
#[utoipa::path(post, path = "/v1/admin/orders/{id}/review", tag = "operators",
    operation_id = "review_order", security(("operator" = [])),
    params(("id" = String, Path, description = "The order")), request_body = ReviewBody,
    responses((status = OK, body = OrderBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Checker(operator): Checker,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    StrictJson(body): StrictJson<ReviewBody>,
) -> Answer<OrderBody> {
    let (approve, who) = (body.approve, operator.name());
    let decided = site.payments.review_decide(id, approve, who, site.now()).await?;
    Ok(Json(decided.into()))
}
