//! What the ledger tells, in JSON.

use crate::requests::TransactionItem;
use ledger::wire::{AccountRecord, Found, HoldRecord, MoveRecord, TransactionRecord};
use ledger::{
    Controls, CorrectedBy, CorrectionKind, Flags, FundStates, GlCode, Lot, NewAccount, Owner, Side,
    TransactionState,
};
use money::{Amount, AssetId};
use serde::Serialize;
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

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

/// An account as it stands; sums in minor units since it was opened.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccountItemFound {
    #[schema(value_type = String)]
    id: AccountId,
    #[schema(value_type = u32)]
    asset: AssetId,
    #[schema(value_type = u32)]
    leaf: GlCode,
    #[schema(value_type = Object)]
    owner: Owner,
    #[schema(value_type = Object)]
    flags: Flags,
    #[schema(value_type = Object)]
    controls: Controls,
    /// The side its balance is shown on.
    #[schema(value_type = String)]
    normal: Side,
    debits_pending_minor: u64,
    debits_posted_minor: u64,
    credits_pending_minor: u64,
    credits_posted_minor: u64,
    opened_seq: u64,
    #[schema(value_type = String)]
    opened_at: Timestamp,
    #[schema(value_type = String)]
    opened_date: BusinessDate,
    /// The balance by fund state.
    funds: FundsFound,
    /// Of a source of money in transit: up to which value date it has settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    settled_through: Option<BusinessDate>,
}

/// A balance by fund state, minor units on the account's normal side. Settled money may leave the
/// house, money in transit may not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FundsFound {
    /// Settled and free; negative as far as the account is overdrawn.
    #[schema(value_type = i64)]
    settled_free_minor: i128,
    settled_held_minor: u64,
    transit_free_minor: u64,
    transit_held_minor: u64,
    /// What is in transit, the oldest value date first.
    lots: Vec<LotFound>,
}

/// Money in transit of one source and value date.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LotFound {
    /// The account it entered through.
    #[schema(value_type = String)]
    source: AccountId,
    /// The accounting date on which it entered.
    #[schema(value_type = String)]
    date: BusinessDate,
    free_minor: u64,
    held_minor: u64,
}

impl From<FundStates> for FundsFound {
    fn from(funds: FundStates) -> Self {
        let lot = |Lot { source, date, free, held }| LotFound {
            source,
            date,
            free_minor: free,
            held_minor: held,
        };
        Self {
            settled_free_minor: funds.settled_free,
            settled_held_minor: funds.settled_held,
            transit_free_minor: funds.transit_free,
            transit_held_minor: funds.transit_held,
            lots: funds.lots.into_iter().map(lot).collect(),
        }
    }
}

impl From<AccountRecord> for AccountItemFound {
    fn from(record: AccountRecord) -> Self {
        let NewAccount { id, asset, leaf, owner, flags } = record.opened;
        Self {
            id,
            asset,
            leaf,
            owner,
            flags,
            controls: record.controls,
            normal: record.normal,
            debits_pending_minor: record.debits_pending,
            debits_posted_minor: record.debits_posted,
            credits_pending_minor: record.credits_pending,
            credits_posted_minor: record.credits_posted,
            opened_seq: record.opened_seq,
            opened_at: record.opened_at,
            opened_date: record.opened_date,
            funds: record.funds.into(),
            settled_through: record.settled_through,
        }
    }
}

/// What a posting came to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MoveItem {
    #[schema(value_type = String)]
    debit: AccountId,
    #[schema(value_type = String)]
    credit: AccountId,
    #[schema(value_type = i64)]
    amount_minor: Amount,
    /// The debited account's balance after it, on its normal side.
    #[schema(value_type = i64)]
    debit_balance_minor: i128,
    /// The credited account's balance after it, on its normal side.
    #[schema(value_type = i64)]
    credit_balance_minor: i128,
}

/// A transaction and where it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TransactionFound {
    seq: u64,
    #[schema(value_type = String)]
    at: Timestamp,
    #[schema(value_type = String)]
    date: BusinessDate,
    /// `posted`, `pending`, `hold_posted`, `hold_voided`, `expired`, `applied`.
    #[schema(value_type = String)]
    state: TransactionState,
    /// As it was asked for.
    transaction: TransactionItem,
    /// What was moved, held or released.
    moves: Vec<MoveItem>,
    /// What corrected it since, in the order in which it was done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    corrected_by: Vec<CorrectedByFound>,
}

/// A correction, as the transaction it corrects knows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CorrectedByFound {
    /// The correcting transaction.
    #[schema(value_type = String)]
    by: TransactionId,
    /// `reversal` or `supplement`.
    #[schema(value_type = String)]
    kind: CorrectionKind,
}

impl From<TransactionRecord> for TransactionFound {
    fn from(record: TransactionRecord) -> Self {
        let moved = |m: MoveRecord| MoveItem {
            debit: m.debit,
            credit: m.credit,
            amount_minor: m.amount,
            debit_balance_minor: m.debit_balance,
            credit_balance_minor: m.credit_balance,
        };
        let corrected = |CorrectedBy { by, kind }| CorrectedByFound { by, kind };
        Self {
            seq: record.receipt.seq,
            at: record.receipt.at,
            date: record.receipt.date,
            state: record.receipt.state,
            transaction: record.transaction.into(),
            moves: record.moves.into_iter().map(moved).collect(),
            corrected_by: record.corrected_by.into_iter().map(corrected).collect(),
        }
    }
}

/// What a hold sets aside of an account for one order, or promises it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HoldFound {
    /// The transaction that made it.
    #[schema(value_type = String)]
    id: TransactionId,
    event: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    #[schema(value_type = String)]
    account: AccountId,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    ended_at: Option<Timestamp>,
}

impl From<HoldRecord> for HoldFound {
    fn from(hold: HoldRecord) -> Self {
        let HoldRecord { id, event, order, account, side, state, at, expires_at, .. } = hold;
        let (amount_minor, ended_at) = (hold.amount, hold.ended_at);
        Self { id, event, order, account, side, amount_minor, state, at, expires_at, ended_at }
    }
}
