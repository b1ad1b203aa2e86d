//! The ledger's things in JSON: unknown fields are refused, ids are text, amounts whole numbers in
//! minor units, a reference is 32 hexadecimal digits.

use ledger::wire::{AccountRecord, HoldRecord, Lookups, TransactionRecord};
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, Flags, GlCode, NewAccount,
    Owner, Posting, Side, Transaction, TransactionState, UpTo,
};
use money::{Amount, AssetId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

/// The caller's own reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reference(pub u128);

impl Reference {
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("{:032x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 32 && text.bytes().all(digit) {
            return u128::from_str_radix(&text, 16).map(Self).map_err(serde::de::Error::custom);
        }
        Err(serde::de::Error::custom("a reference is 32 hexadecimal digits (0-9, a-f)"))
    }
}

/// One thing to do with an account.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountItem {
    /// Opens an account.
    Open {
        /// Its id, chosen by the caller.
        #[schema(value_type = String)]
        id: AccountId,
        /// The number of its asset; 1 is CNY.
        #[schema(value_type = u32)]
        asset: AssetId,
        /// The leaf of the chart it hangs under.
        #[schema(value_type = u32)]
        leaf: GlCode,
        /// `{"kind": "house"}`, or `user`, `merchant`, `channel`, `bank` with an `id`.
        #[schema(value_type = Object)]
        owner: Owner,
        /// `debits_must_not_exceed_credits`, `credits_must_not_exceed_debits`, `history`.
        #[schema(value_type = Object)]
        flags: Flags,
    },
    /// Sets the whole of an account's controls.
    SetControls {
        /// The id that makes the change idempotent.
        #[schema(value_type = String)]
        id: TransactionId,
        /// The account.
        #[schema(value_type = String)]
        account: AccountId,
        /// `debits_blocked`, `credits_blocked`, `closed`.
        #[schema(value_type = Object)]
        controls: Controls,
        /// The caller's own reference.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        reference: Reference,
    },
}

impl From<AccountItem> for Command {
    fn from(item: AccountItem) -> Self {
        match item {
            AccountItem::Open { id, asset, leaf, owner, flags } => {
                Self::OpenAccount(NewAccount { id, asset, leaf, owner, flags })
            }
            AccountItem::SetControls { id, account, controls, reference } => {
                Self::SetControls { id, account, controls, reference: reference.0 }
            }
        }
    }
}

/// What a transaction does with its postings.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionItem {
    /// Moves the money.
    // A unit would take unknown fields silently.
    Post {},
    /// Sets it aside.
    Hold {
        /// When the hold ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        expires_at: Option<Timestamp>,
    },
    /// Moves what a hold set aside: all of it without postings, else these parts.
    PostHold {
        /// The transaction that made the hold.
        #[schema(value_type = String)]
        hold: TransactionId,
    },
    /// Releases a hold.
    VoidHold {
        /// The transaction that made the hold.
        #[schema(value_type = String)]
        hold: TransactionId,
    },
}

impl Default for ActionItem {
    fn default() -> Self {
        Self::Post {}
    }
}

/// One debit and one credit.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostingItem {
    /// The account debited.
    #[schema(value_type = String)]
    debit: AccountId,
    /// The account credited.
    #[schema(value_type = String)]
    credit: AccountId,
    /// The amount, or the most of it when balancing.
    #[schema(value_type = i64)]
    amount_minor: Amount,
    /// `exact`, `available_of_debit`, `available_of_credit`.
    #[serde(default)]
    #[schema(value_type = String)]
    up_to: UpTo,
    /// Whether it may take settled money only, because it leaves the house.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    settled_only: bool,
}

/// The least balance an account must have before.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionItem {
    /// The account.
    #[schema(value_type = String)]
    account: AccountId,
    /// The least balance, on its normal side.
    #[schema(value_type = i64)]
    at_least_minor: Amount,
}

/// Which transaction is corrected.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionItem {
    /// The transaction at fault.
    #[schema(value_type = String)]
    of: TransactionId,
    /// `reversal` or `supplement`.
    #[schema(value_type = String)]
    kind: CorrectionKind,
}

/// A transaction.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransactionItem {
    /// Its id, chosen by the caller; the same id with the same content is applied once.
    #[schema(value_type = String)]
    id: TransactionId,
    /// The business event: the code of a posting template, or one of your own.
    event: u16,
    /// The order it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    /// Your own reference, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Reference::is_zero")]
    #[schema(value_type = Option<String>)]
    reference: Reference,
    /// The accounting date it must fall on; the open one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    date: Option<BusinessDate>,
    /// `post` if absent.
    #[serde(default)]
    action: ActionItem,
    /// Its postings, applied in order.
    #[serde(default)]
    postings: Vec<PostingItem>,
    /// What must be true before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<ConditionItem>,
    /// The transaction it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    corrects: Option<CorrectionItem>,
}

impl From<TransactionItem> for Transaction {
    fn from(item: TransactionItem) -> Self {
        let posting = |p: PostingItem| Posting {
            debit: p.debit,
            credit: p.credit,
            amount: p.amount_minor,
            up_to: p.up_to,
            settled_only: p.settled_only,
        };
        let condition =
            |c: ConditionItem| Condition { account: c.account, at_least: c.at_least_minor };
        Self {
            id: item.id,
            event: item.event,
            order: item.order,
            reference: item.reference.0,
            date: item.date,
            action: match item.action {
                ActionItem::Post {} => Action::Post,
                ActionItem::Hold { expires_at } => Action::Hold { expires_at },
                ActionItem::PostHold { hold } => Action::PostHold { hold },
                ActionItem::VoidHold { hold } => Action::VoidHold { hold },
            },
            postings: item.postings.into_iter().map(posting).collect(),
            conditions: item.conditions.into_iter().map(condition).collect(),
            corrects: item.corrects.map(|c| Correction { of: c.of, kind: c.kind }),
        }
    }
}

impl From<Transaction> for TransactionItem {
    fn from(tx: Transaction) -> Self {
        let posting = |p: Posting| PostingItem {
            debit: p.debit,
            credit: p.credit,
            amount_minor: p.amount,
            up_to: p.up_to,
            settled_only: p.settled_only,
        };
        let condition =
            |c: Condition| ConditionItem { account: c.account, at_least_minor: c.at_least };
        Self {
            id: tx.id,
            event: tx.event,
            order: tx.order,
            reference: Reference(tx.reference),
            date: tx.date,
            action: match tx.action {
                Action::Post => ActionItem::Post {},
                Action::Hold { expires_at } => ActionItem::Hold { expires_at },
                Action::PostHold { hold } => ActionItem::PostHold { hold },
                Action::VoidHold { hold } => ActionItem::VoidHold { hold },
            },
            postings: tx.postings.into_iter().map(posting).collect(),
            conditions: tx.conditions.into_iter().map(condition).collect(),
            corrects: tx.corrects.map(|c| CorrectionItem { of: c.of, kind: c.kind }),
        }
    }
}

/// What to look up; together at most 8,192 ids.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookupsBody {
    /// Accounts as they stand.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    accounts: Vec<AccountId>,
    /// Transactions and where they stand; a hold is found here too.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    transactions: Vec<TransactionId>,
    /// The transactions of orders.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    orders: Vec<OrderId>,
    /// The holds on accounts.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    holds_of: Vec<AccountId>,
}

impl From<LookupsBody> for Lookups {
    fn from(body: LookupsBody) -> Self {
        let LookupsBody { accounts, transactions, orders, holds_of } = body;
        Self { accounts, transactions, orders, holds_of }
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
    /// What corrected it since.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    corrected_by: Vec<CorrectedItem>,
}

/// A correction, as the transaction it corrects knows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CorrectedItem {
    /// The correcting transaction.
    #[schema(value_type = String)]
    by: TransactionId,
    /// `reversal`, `supplement`.
    #[schema(value_type = String)]
    kind: CorrectionKind,
}

impl From<TransactionRecord> for TransactionFound {
    fn from(record: TransactionRecord) -> Self {
        let moved = |m: ledger::wire::MoveRecord| MoveItem {
            debit: m.debit,
            credit: m.credit,
            amount_minor: m.amount,
            debit_balance_minor: m.debit_balance,
            credit_balance_minor: m.credit_balance,
        };
        Self {
            seq: record.receipt.seq,
            at: record.receipt.at,
            date: record.receipt.date,
            state: record.receipt.state,
            transaction: record.transaction.into(),
            moves: record.moves.into_iter().map(moved).collect(),
            corrected_by: record
                .corrected_by
                .into_iter()
                .map(|c| CorrectedItem { by: c.by, kind: c.kind })
                .collect(),
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
