//! `GET /v1/merchant`: the calling merchant and its balances.

use crate::api::Answer;
use crate::api::book::balances::Balances;
use crate::app::Site;
use crate::extract::Caller;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::{MerchantId, Text};

/// A merchant as it sees itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MerchantBody {
    /// Its id.
    #[schema(value_type = String, example = "mch_01h455vb4pex5vsknk084sn02q")]
    merchant: MerchantId,
    /// Its name in both languages.
    #[schema(value_type = Object)]
    name: Text,
    /// The fee plan agreed with it.
    fee_plan: String,
    /// The settlement cycle: `T+1`, `T+0`, `D+1`.
    cycle: &'static str,
    /// Whether its takings are advanced on the day itself.
    advance_d0: bool,
    /// Taken, not settled yet.
    pending: Balances,
    /// Settled, withdrawable.
    settled: Balances,
}

/// The calling merchant and its balances
#[utoipa::path(get, path = "/v1/merchant", tag = "merchant", operation_id = "show_merchant",
    security(("merchant" = [])),
    responses((status = OK, body = MerchantBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(Caller(merchant): Caller, State(site): State<Site>) -> Answer<MerchantBody> {
    Ok(Json(MerchantBody {
        merchant: merchant.merchant,
        name: merchant.name.clone(),
        fee_plan: merchant.fee_plan.clone(),
        cycle: merchant.cycle.code(),
        advance_d0: merchant.advance_d0,
        pending: Balances::of_account(&site, merchant.pending)?,
        settled: Balances::of_account(&site, merchant.settled)?,
    }))
}
