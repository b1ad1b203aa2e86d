//! `POST /v1/ledger/history`: entries with their running balance, and balances and holds at a moment.

use super::desk::LedgerDesk;
use super::guard::Guard;
use super::intake::{answer_too_large, too_many};
use super::keys::{LedgerKey, Reads};
use super::lookups::MOST_FOUND;
use crate::api::Answer;
use crate::extract::StrictJson;
use crate::problem::ProblemBody;
use crate::seek;
use axum::Json;
use axum::extract::State;
use bookkeeper::{Bookkeeper, Entry, MAX_COMMANDS};
use jsonform::answers::HoldFound;
use jsonform::requests::{BalanceItem, HistoryBody, HoldsItem, PageItem};
use ledger::Side;
use money::Amount;
use serde::Serialize;
use types::{AccountId, BusinessDate, OrderId, Problem, Timestamp, TransactionId};

/// How many entries a page has unless the call says otherwise.
const DEFAULT_LIMIT: u32 = 50;

/// What was read, in the order asked for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HistoryFound {
    /// `null` for an account that is not there.
    entries: Vec<Option<PageFound>>,
    /// In minor units on the account's normal side; `null` for an account that was not open at
    /// that moment or keeps no history.
    #[schema(value_type = Vec<Option<i64>>)]
    balances: Vec<Option<i128>>,
    /// Empty for an account that is not there.
    holds: Vec<HoldsPage>,
}

/// The holds that waited at a moment, of those that a page looked at, newest first; how they ended
/// since is told too.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct HoldsPage {
    holds: Vec<HoldFound>,
    /// Before which hold the next page looks; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// A page of entries.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PageFound {
    entries: Vec<EntryFound>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// One entry as its account sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerEntry)]
pub struct EntryFound {
    /// Its place among all entries of the book: what pages go by.
    seq: u64,
    #[schema(value_type = String)]
    transaction: TransactionId,
    #[schema(value_type = String)]
    at: Timestamp,
    #[schema(value_type = String)]
    date: BusinessDate,
    event: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    /// `debit` or `credit`.
    #[schema(value_type = String)]
    side: Side,
    #[schema(value_type = i64)]
    amount_minor: Amount,
    #[schema(value_type = String)]
    counterpart: AccountId,
    /// The account's balance after it, on its normal side.
    #[schema(value_type = i64)]
    balance_after_minor: i128,
}

/// Read entries of accounts, balances and holds at past moments, thousands in one call
#[utoipa::path(post, path = "/v1/ledger/history", tag = "ledger",
    operation_id = "ledger_history", security(("ledger" = [])), request_body = HistoryBody,
    responses((status = OK, body = HistoryFound),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Reads(key): Reads,
    State(desk): State<LedgerDesk>,
    StrictJson(body): StrictJson<HistoryBody>,
) -> Answer<HistoryFound> {
    let asked = [body.entries.len(), body.balances.len(), body.holds.len()];
    let asked = asked.into_iter().fold(0, usize::saturating_add);
    if asked > MAX_COMMANDS {
        return Err(too_many(asked, MAX_COMMANDS).into());
    }
    let limits = body.entries.iter().map(|page| page.limit);
    let limits = limits.chain(body.holds.iter().map(|page| page.limit)).map(count);
    if limits.fold(0, usize::saturating_add) > MOST_FOUND {
        return Err(answer_too_large(MOST_FOUND).into());
    }
    let found = LedgerDesk::aside(move || read(&desk.book, &key, body)).await??;
    Ok(Json(found))
}

fn count(limit: Option<u32>) -> usize {
    usize::try_from(limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX)
}

fn read(book: &Bookkeeper, key: &LedgerKey, body: HistoryBody) -> Result<HistoryFound, Problem> {
    let guard = Guard::new(book, key);
    let seen = |account: AccountId| book.account(account).is_some_and(|found| guard.sees(&found));
    let page = |item: PageItem| seen(item.account).then(|| page(book, &item)).transpose();
    let balance = |item: BalanceItem| {
        if seen(item.account) { book.balance_at(item.account, item.at) } else { Ok(None) }
    };
    let holds = |item: HoldsItem| {
        if !guard.reaches([item.account]) {
            return Ok(HoldsPage::default());
        }
        let then = book.holds_at(item.account, item.at, item.before, count(item.limit))?;
        let told = then.holds.into_iter().filter(|hold| guard.tells(hold));
        Ok::<_, Problem>(HoldsPage { holds: told.map(HoldFound::from).collect(), next: then.next })
    };
    Ok(HistoryFound {
        entries: body.entries.into_iter().map(page).collect::<Result<_, _>>()?,
        balances: body.balances.into_iter().map(balance).collect::<Result<_, _>>()?,
        holds: body.holds.into_iter().map(holds).collect::<Result<_, _>>()?,
    })
}

fn page(book: &Bookkeeper, item: &PageItem) -> Result<PageFound, bookkeeper::Error> {
    let limit = count(item.limit);
    let first = match item.from {
        Some(from) => seek::cut_entries(book, item.account, |entry| entry.date >= from)?,
        None => 0,
    };
    let after = item.after.unwrap_or(0).max(first.saturating_sub(1));
    let mut entries = book.entries(item.account, Some(after), limit)?;
    entries.retain(|entry| item.to.is_none_or(|to| entry.date <= to));
    let full = limit > 0 && entries.len() == limit;
    let next = if full { entries.last().map(|entry| entry.seq) } else { None };
    let entry = |entry: Entry| EntryFound {
        seq: entry.seq,
        transaction: entry.transaction,
        at: entry.at,
        date: entry.date,
        event: entry.event,
        order: entry.order,
        side: entry.side,
        amount_minor: entry.amount,
        counterpart: entry.counterpart,
        balance_after_minor: entry.balance_after,
    };
    Ok(PageFound { entries: entries.into_iter().map(entry).collect(), next })
}
