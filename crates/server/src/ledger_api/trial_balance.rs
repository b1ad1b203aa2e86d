//! `GET /v1/ledger/trial-balance/{date}`: for keys that reach the whole book.

use super::desk::LedgerDesk;
use super::guard::{Guard, OUT_OF_REACH};
use super::keys::Reads;
use crate::api::{Answer, TrialBalanceBody};
use crate::extract::Date;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use types::{Problem, ProblemKind};

/// The trial balance of an accounting date
#[utoipa::path(get, path = "/v1/ledger/trial-balance/{date}", tag = "ledger",
    operation_id = "ledger_trial_balance", security(("ledger" = [])),
    params(("date" = String, Path, description = "The accounting date", example = "2026-10-12")),
    responses((status = OK, body = TrialBalanceBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Reads(key): Reads,
    State(desk): State<LedgerDesk>,
    Date(date): Date,
) -> Answer<TrialBalanceBody> {
    if !Guard::new(&desk.book, &key).is_open() {
        let en = "a trial balance is of the whole book, which the key does not reach";
        let zh = "试算平衡涉及全账，超出该密钥的权限";
        return Err(Problem::new(ProblemKind::Forbidden, OUT_OF_REACH, en, zh).into());
    }
    let balance = LedgerDesk::aside(move || desk.book.trial_balance(date)).await?;
    Ok(Json(TrialBalanceBody::new(balance)))
}
