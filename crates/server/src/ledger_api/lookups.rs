//! `POST /v1/ledger/lookups`: accounts, transactions, orders and holds by id; thousands a call.

use super::desk::LedgerDesk;
use super::guard::Guard;
use super::intake::{Form, answer_too_large, bad_frame, too_many};
use super::items::{AccountItemFound, HoldFound, LookupsBody, TransactionFound};
use super::keys::{LedgerKey, Reads};
use super::outcomes::framed;
use crate::extract::parse;
use crate::problem::{ProblemBody, Refusal};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bookkeeper::{Bookkeeper, Hold, MAX_COMMANDS, TransactionView};
use ledger::wire::{self, AccountRecord, Found, HoldRecord, Lookups, TransactionRecord};
use ledger::{Receipt, Side};
use serde::Serialize;
use types::Problem;

/// How many accounts, transactions, postings and holds one answer may have, all together.
pub(super) const MOST_FOUND: usize = 1 << 17;

/// What was found, each list in the order asked for; `null` for what does not exist.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FoundBody {
    accounts: Vec<Option<AccountItemFound>>,
    transactions: Vec<Option<TransactionFound>>,
    /// The transactions of each order, oldest first.
    orders: Vec<Vec<TransactionFound>>,
    /// The holds on each account, newest first: all that wait, then the last hundred that ended.
    holds_of: Vec<Vec<HoldFound>>,
}

impl From<Found> for FoundBody {
    fn from(found: Found) -> Self {
        fn all<A, B: From<A>>(list: Vec<A>) -> Vec<B> {
            list.into_iter().map(B::from).collect()
        }
        Self {
            accounts: found.accounts.into_iter().map(|a| a.map(Into::into)).collect(),
            transactions: found.transactions.into_iter().map(|t| t.map(Into::into)).collect(),
            orders: found.orders.into_iter().map(all).collect(),
            holds_of: found.holds_of.into_iter().map(all).collect(),
        }
    }
}

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
        for account in self.book.accounts(accounts) {
            let seen = account.filter(|account| self.guard.sees(account));
            found.accounts.push(seen.map(|account| AccountRecord::from(&account)));
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
            // What is promised to an account is set aside of another, which may be out of reach.
            let open = self.guard.is_open();
            let holds: Vec<&Hold> =
                holds.iter().filter(|hold| open || hold.side == Side::Debit).collect();
            self.count(holds.len())?;
            found.holds_of.push(holds.into_iter().map(hold).collect());
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
        let parts = view.transaction.postings.len().saturating_add(view.moves.len());
        self.count(parts.saturating_add(1))?;
        let TransactionView { transaction, moves, seq, at, date, state, corrected_by } = view;
        let receipt = Receipt { seq, at, date, state };
        let moves = moves.iter().map(Into::into).collect();
        Ok(Some(TransactionRecord { transaction, receipt, moves, corrected_by }))
    }
}

fn hold(hold: &Hold) -> HoldRecord {
    let Hold { id, event, order, account, side, amount, state, at, expires_at, ended_at } = *hold;
    HoldRecord { id, event, order, account, side, amount, state, at, expires_at, ended_at }
}
