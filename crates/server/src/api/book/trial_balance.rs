//! `GET /v1/admin/trial-balance/{date}`.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Date, Operator};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use ledger::{TrialBalance, TrialTotal};
use serde::Serialize;

/// The trial balance of a date, minor units.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialBalanceBody {
    /// Whether each pair of columns agrees in every asset.
    balanced: bool,
    /// `date`; `rows` by asset and code, a parent before its children, each with opening balance,
    /// turnover and closing balance on both sides; `totals`, one an asset.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    balance: TrialBalance,
}

impl TrialBalanceBody {
    /// A trial balance and whether it balances.
    pub(crate) fn new(balance: TrialBalance) -> Self {
        let balanced = balance.totals.iter().all(TrialTotal::balanced);
        Self { balanced, balance }
    }
}

/// The trial balance of an accounting date
#[utoipa::path(get, path = "/v1/admin/trial-balance/{date}", tag = "operators",
    operation_id = "trial_balance", security(("operator" = [])),
    params(("date" = String, Path, description = "The accounting date", example = "2026-10-12")),
    responses((status = OK, body = TrialBalanceBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    Date(date): Date,
) -> Answer<TrialBalanceBody> {
    let balance = site.book.trial_balance(date);
    Ok(Json(TrialBalanceBody::new(balance)))
}
