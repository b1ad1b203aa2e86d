//! `POST /orders/{id}/review`: an operator decides.

use super::see_other;
use crate::app::Site;
use crate::extract::{Checker, Id};
use crate::problem::Refusal;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use types::OrderId;

/// The decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    approve: bool,
}

pub(super) async fn decide(
    Checker(operator): Checker,
    State(site): State<Site>,
    Id(id): Id<OrderId>,
    Form(Decision { approve }): Form<Decision>,
) -> Result<Response, Refusal> {
    site.payments.review_decide(id, approve, operator.name(), site.now()).await?;
    Ok(see_other(&format!("/orders/{id}")))
}
