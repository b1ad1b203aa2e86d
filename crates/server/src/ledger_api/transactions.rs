//! `POST /v1/ledger/transactions`: posts, holds, ends holds, corrects; thousands a call.

use super::desk::LedgerDesk;
use super::intake::{Form, bad_frame, too_many};
use super::keys::{Poster, Reach};
use super::outcomes::{self, OutcomesBody};
use crate::extract::Reader;
use crate::problem::{ProblemBody, Refusal};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use bookkeeper::MAX_COMMANDS;
use jsonform::parse;
use jsonform::requests::TransactionsBody;
use ledger::{Command, wire};
use types::Problem;

/// Apply transactions, thousands in one call
#[utoipa::path(post, path = "/v1/ledger/transactions", tag = "ledger",
    operation_id = "ledger_transactions", security(("ledger" = [])),
    request_body(content((TransactionsBody = "application/json"),
        (Vec<u8> = "application/vnd.countinghouse.ledger.v1"))),
    responses((status = OK, content((OutcomesBody = "application/json"),
            (Vec<u8> = "application/vnd.countinghouse.ledger.v1"))),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Poster(key): Poster,
    State(desk): State<LedgerDesk>,
    Reader(locale): Reader,
    request: Request,
) -> Result<Response, Refusal> {
    let taken = desk.intake.take(request).await?;
    let body = taken.body.clone();
    // A millisecond for thousands: not worth another thread.
    if taken.form == Form::Frame && key.reach == Reach::WholeBook {
        let commands = wire::take_transactions(&body, MAX_COMMANDS).map_err(bad_frame)?;
        if commands.is_empty() {
            return Err(too_many(0, MAX_COMMANDS).into());
        }
        let outcomes = desk.book.submit_encoded(commands).await?;
        return outcomes::answer(outcomes.into_iter().map(Ok).collect(), taken.answer, locale);
    }
    let commands = match taken.form {
        Form::Frame => wire::decode_transactions(&body, MAX_COMMANDS).map_err(bad_frame)?,
        Form::Json => LedgerDesk::aside(move || read(&body)).await??,
    };
    if commands.is_empty() {
        return Err(too_many(0, MAX_COMMANDS).into());
    }
    let outcomes = outcomes::submit(&desk, &key, commands).await?;
    outcomes::answer(outcomes, taken.answer, locale)
}

fn read(body: &Bytes) -> Result<Vec<Command>, Problem> {
    let TransactionsBody { items } = parse(body)?;
    if items.len() > MAX_COMMANDS {
        return Err(too_many(items.len(), MAX_COMMANDS));
    }
    Ok(items.into_iter().map(|item| Command::Transact(item.into())).collect())
}
