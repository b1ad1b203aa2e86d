//! `POST /v1/ledger/lookups`: accounts, transactions, orders and holds by id; thousands a call.

use super::desk::LedgerDesk;
use super::guard::Guard;
use super::intake::{Form, answer_too_large, bad_frame, too_many};
use super::keys::{LedgerKey, Reads};
use super::outcomes::framed;
use crate::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bookkeeper::{Bookkeeper, MAX_COMMANDS, TransactionView};
use jsonform::answers::FoundBody;
use jsonform::parse;
use jsonform::requests::LookupsBody;
use ledger::Receipt;
use ledger::wire::{self, AccountRecord, Found, Lookups, TransactionRecord};
use types::Problem;

/// How many accounts, lots, transactions, postings, corrections and holds one answer may have, all
/// together.
pub(super) const MOST_FOUND: usize = 1 << 17;

/// Look up accounts, transactions, orders and holds, thousands in one call
#[utoipa::path(post, path = "/v1/ledger/lookups", tag = "ledger",
    operation_id = "ledger_lookups", security(("ledger" = [])),
    request_body(content((LookupsBody = "application/json"),
        (Vec<u8> = "application/vnd.countinghouse.ledger.v1"))),
    responses((status = OK, content((FoundBody = "application/json"),
            (Vec<u8> = "application/vnd.countinghouse.ledger.v1"))),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Reads(key): Reads,
    State(desk): State<LedgerDesk>,
    request: Request,
) -> Result<Response, Refusal> {
    let taken = desk.intake.take(request).await?;
    let (form, answer, body) = (taken.form, taken.answer, taken.body.clone());
    let book = desk.book.clone();
    LedgerDesk::aside(move || {
        let lookups: Lookups = match form {
            Form::Json => parse::<LookupsBody>(&body)?.into(),
            Form::Frame => wire::decode_lookups(&body, MAX_COMMANDS).map_err(bad_frame)?,
        };
        if lookups.len() > MAX_COMMANDS {
            return Err(too_many(lookups.len(), MAX_COMMANDS).into());
        }
        let found = Search::new(&book, &key).all(&lookups)?;
        Ok(match answer {
            Form::Json => Json(FoundBody::from(found)).into_response(),
            Form::Frame => {
                let mut frame = Vec::new();
                wire::encode_found(&found, &mut frame);
                framed(frame)
            }
        })
    })
    .await?
}

/// A search with a bound on what it may find.
struct Search<'a> {
    book: &'a Bookkeeper,
    guard: Guard<'a>,
    left: usize,
}

impl<'a> Search<'a> {
    fn new(book: &'a Bookkeeper, key: &'a LedgerKey) -> Self {
        Self { book, guard: Guard::new(book, key), left: MOST_FOUND }
    }

    fn all(mut self, lookups: &Lookups) -> Result<Found, Problem> {
        let Lookups { accounts, transactions, orders, holds_of } = lookups;
        let mut found = Found::default();
        self.count(accounts.len())?;
        for standing in self.book.standings(accounts) {
            let seen = standing.filter(|standing| self.guard.sees(&standing.account));
            self.count(seen.as_ref().map_or(0, |standing| standing.funds.lots.len()))?;
            found.accounts.push(seen.map(AccountRecord::from));
        }
        for id in transactions {
            let view = self.book.transaction(*id)?;
            found.transactions.push(view.map(|view| self.record(view)).transpose()?.flatten());
        }
        for order in orders {
            let views = self.book.transactions_of(*order)?.into_iter();
            let records = views.filter_map(|view| self.record(view).transpose());
            found.orders.push(records.collect::<Result<_, _>>()?);
        }
        for account in holds_of {
            let reached = self.guard.reaches([*account]);
            let holds = if reached { self.book.holds(*account)? } else { Vec::new() };
            let holds = holds.into_iter().filter(|hold| self.guard.tells(hold));
            found.holds_of.push(holds.collect());
            self.count(found.holds_of.last().map_or(0, Vec::len))?;
        }
        Ok(found)
    }

    fn count(&mut self, found: usize) -> Result<(), Problem> {
        let left = self.left.checked_sub(found).ok_or_else(|| answer_too_large(MOST_FOUND))?;
        self.left = left;
        Ok(())
    }

    fn record(&mut self, view: TransactionView) -> Result<Option<TransactionRecord>, Problem> {
        if !self.guard.sees_transaction(&view) {
            return Ok(None);
        }
        let parts = [view.transaction.postings.len(), view.moves.len(), view.corrected_by.len()];
        self.count(parts.into_iter().fold(1, usize::saturating_add))?;
        let TransactionView { transaction, moves, seq, at, date, state, corrected_by } = view;
        let receipt = Receipt { seq, at, date, state };
        let moves = moves.iter().map(Into::into).collect();
        Ok(Some(TransactionRecord { transaction, receipt, moves, corrected_by }))
    }
}
