//! `POST /v1/ledger/accounts`: opens accounts, sets controls, settles what is in transit; thousands a
//! call.

use super::desk::LedgerDesk;
use super::intake::{Form, too_many};
use super::keys::Poster;
use super::outcomes::{self, OutcomesBody};
use crate::extract::Reader;
use crate::problem::{ProblemBody, Refusal};
use axum::extract::{Request, State};
use axum::response::Response;
use bookkeeper::MAX_COMMANDS;
use jsonform::parse;
use jsonform::requests::AccountsBody;
use ledger::Command;
use types::{Problem, ProblemKind};

/// Open accounts, set their controls, settle what is in transit, thousands in one call
#[utoipa::path(post, path = "/v1/ledger/accounts", tag = "ledger",
    operation_id = "ledger_accounts", security(("ledger" = [])), request_body = AccountsBody,
    responses((status = OK, body = OutcomesBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Poster(key): Poster,
    State(desk): State<LedgerDesk>,
    Reader(locale): Reader,
    request: Request,
) -> Result<Response, Refusal> {
    let taken = desk.intake.take(request).await?;
    if taken.form == Form::Frame || taken.answer == Form::Frame {
        return Err(only_json().into());
    }
    let body = taken.body.clone();
    let commands = LedgerDesk::aside(move || -> Result<Vec<Command>, Problem> {
        let AccountsBody { items } = parse(&body)?;
        if items.is_empty() || items.len() > MAX_COMMANDS {
            return Err(too_many(items.len(), MAX_COMMANDS));
        }
        Ok(items.into_iter().map(Command::from).collect())
    })
    .await??;
    let outcomes = outcomes::submit(&desk, &key, commands).await?;
    outcomes::answer(outcomes, Form::Json, locale)
}

fn only_json() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "unsupported_media_type",
        "only transactions and lookups have a compact form; send and accept application/json here",
        "仅交易与查询支持紧凑格式，此处请收发 application/json",
    )
    .at("content-type")
}
