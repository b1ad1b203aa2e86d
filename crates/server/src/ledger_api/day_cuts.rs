//! `POST /v1/ledger/day-cuts`: closes the open accounting date of a ledger that stands alone.

use super::desk::LedgerDesk;
use super::guard::{Guard, OUT_OF_REACH};
use super::intake::Form;
use super::keys::Poster;
use super::outcomes::{self, OutcomesBody};
use crate::extract::{Reader, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::response::Response;
use ledger::Command;
use serde::Deserialize;
use types::{BusinessDate, Problem, ProblemKind};

/// A day cut.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayCutBody {
    /// The date to close; must be the open one.
    #[schema(value_type = String)]
    closing: BusinessDate,
    /// The date to open; later.
    #[schema(value_type = String)]
    opening: BusinessDate,
}

/// Close the open accounting date, where no institution does
#[utoipa::path(post, path = "/v1/ledger/day-cuts", tag = "ledger",
    operation_id = "ledger_day_cut", security(("ledger" = [])), request_body = DayCutBody,
    responses((status = OK, body = OutcomesBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Poster(key): Poster,
    State(desk): State<LedgerDesk>,
    Reader(locale): Reader,
    StrictJson(body): StrictJson<DayCutBody>,
) -> Result<Response, Refusal> {
    if !desk.alone {
        let en = "the institution cuts its own days, with its clearing";
        let zh = "日切由机构自身随清算进行";
        return Err(Problem::new(ProblemKind::Forbidden, "ledger_not_alone", en, zh).into());
    }
    if !Guard::new(&desk.book, &key).is_open() {
        let en = "a day is cut for the whole book, which the key does not reach";
        let zh = "日切涉及全账，超出该密钥的权限";
        return Err(Problem::new(ProblemKind::Forbidden, OUT_OF_REACH, en, zh).into());
    }
    let DayCutBody { closing, opening } = body;
    let cut = vec![Command::CutDay { closing, opening }];
    let outcomes = outcomes::submit(&desk, &key, cut).await?;
    outcomes::answer(outcomes, Form::Json, locale)
}
