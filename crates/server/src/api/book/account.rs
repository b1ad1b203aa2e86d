//! `GET /v1/admin/accounts/{id}`: an account with its latest entries and its holds.

use crate::api::Answer;
use crate::api::book::balances::{Balances, find, narrow};
use crate::app::Site;
use crate::extract::{Id, Operator, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use ledger::{Owner, Side, TransactionState};
use money::Amount;
use serde::{Deserialize, Serialize};
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

const DEFAULT_LIMIT: usize = 50;
const MOST: usize = 500;

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// Only entries before this one: `next` of the page before.
    before: Option<u64>,
    /// At most this many, 1 to 500.
    limit: Option<usize>,
}

/// One entry as the account sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EntryBody {
    seq: u64,
    #[schema(value_type = String)]
    transaction: TransactionId,
    #[schema(value_type = String)]
    at: Timestamp,
    #[schema(value_type = String)]
    date: BusinessDate,
    /// The business event: the code of its posting template.
    event: u16,
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    /// `debit` or `credit`.
    #[schema(value_type = String)]
    side: Side,
    #[schema(value_type = i64)]
    amount_minor: Amount,
    #[schema(value_type = String)]
    counterpart: AccountId,
    /// The balance after it.
    balance_after_minor: i64,
}

/// What a hold sets aside of the account for one order, or promises it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HoldBody {
    /// The transaction that made it.
    #[schema(value_type = String)]
    id: TransactionId,
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    /// `debit`: it is set aside of the account; `credit`: the account waits for it.
    #[schema(value_type = String)]
    side: Side,
    #[schema(value_type = i64)]
    amount_minor: Amount,
    /// `pending`, `hold_posted`, `hold_voided`, `expired`.
    #[schema(value_type = String)]
    state: TransactionState,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// An account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountBody {
    #[serde(flatten)]
    balances: Balances,
    /// The number of its asset; 1 is CNY.
    asset: u32,
    /// The leaf of the chart it hangs under.
    leaf: u32,
    /// `{"kind": .., "id": ..}`.
    #[schema(value_type = Object)]
    owner: Owner,
    /// Whether nothing may be taken.
    debits_blocked: bool,
    /// Whether nothing may be received.
    credits_blocked: bool,
    closed: bool,
    /// Its entries, newest first.
    entries: Vec<EntryBody>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
    /// All holds that wait, then the last that have ended.
    holds: Vec<HoldBody>,
}

/// An account with its latest entries and its holds
#[utoipa::path(get, path = "/v1/admin/accounts/{id}", tag = "operators",
    operation_id = "show_account", security(("operator" = [])),
    params(("id" = String, Path, description = "The account"), EntriesQuery),
    responses((status = OK, body = AccountBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    Id(id): Id<AccountId>,
    StrictQuery(query): StrictQuery<EntriesQuery>,
) -> Answer<AccountBody> {
    let account = find(&site, id)?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
    let entries = site.book.latest_entries(id, query.before, limit)?;
    let next = (entries.len() == limit).then(|| entries.last().map(|e| e.seq)).flatten();
    let entry = |e: bookkeeper::Entry| EntryBody {
        seq: e.seq,
        transaction: e.transaction,
        at: e.at,
        date: e.date,
        event: e.event,
        order: e.order,
        side: e.side,
        amount_minor: e.amount,
        counterpart: e.counterpart,
        balance_after_minor: narrow(e.balance_after),
    };
    let hold = |h: bookkeeper::Hold| HoldBody {
        id: h.id,
        order: h.order,
        side: h.side,
        amount_minor: h.amount,
        state: h.state,
        at: h.at,
    };
    Ok(Json(AccountBody {
        balances: Balances::of(&account),
        asset: account.asset.0,
        leaf: account.leaf.0,
        owner: account.owner,
        debits_blocked: account.controls.debits_blocked,
        credits_blocked: account.controls.credits_blocked,
        closed: account.controls.closed,
        entries: entries.into_iter().map(entry).collect(),
        next,
        holds: site.book.holds(id)?.into_iter().map(hold).collect(),
    }))
}
