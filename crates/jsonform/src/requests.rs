//! What is asked of the ledger, in JSON: unknown fields are refused, ids are text, amounts whole
//! numbers in minor units, a reference is 32 hexadecimal digits.

use ledger::wire::Lookups;
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, Flags, GlCode, NewAccount,
    Owner, Posting, Transaction, UpTo,
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

impl From<Reference> for u128 {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl From<u128> for Reference {
    fn from(number: u128) -> Self {
        Self(number)
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

/// Things to do with accounts, in order, each by itself.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountsBody {
    /// 1 to 8,192 of them.
    pub items: Vec<AccountItem>,
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
    /// What entered through a source of money in transit has arrived, up to a value date: it is
    /// settled wherever it is by now.
    Settle {
        /// The id that makes it idempotent.
        #[schema(value_type = String)]
        id: TransactionId,
        /// The account it entered through: a channel's receivable.
        #[schema(value_type = String)]
        source: AccountId,
        /// The last value date that has arrived; a closed date. It includes the earlier ones.
        #[schema(value_type = String)]
        through: BusinessDate,
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
            AccountItem::Settle { id, source, through, reference } => {
                Self::Settle { id, source, through, reference: reference.0 }
            }
        }
    }
}

/// What a transaction does with its postings.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(remote = "Action")]
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

const fn post() -> Action {
    Action::Post
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
    #[serde(with = "ActionItem", default = "post")]
    #[schema(value_type = ActionItem)]
    action: Action,
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

/// Transactions, applied in order, each by itself.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransactionsBody {
    /// 1 to 8,192 of them.
    pub items: Vec<TransactionItem>,
}

/// What is asked for in JSON is told in JSON too. Each field is listed once, with the ledger's name
/// for it where that is another; then what there may be many of, and what there may be one of.
macro_rules! both_ways {
    ($item:ident = $thing:ident { $($field:ident = $name:ident),* }
        $(many { $($many:ident),* } one { $($one:ident),* })?) => {
        impl From<$item> for $thing {
            fn from(item: $item) -> Self {
                Self {
                    $($name: item.$field.into(),)*
                    $($($many: item.$many.into_iter().map(Into::into).collect(),)*
                    $($one: item.$one.map(Into::into),)*)?
                }
            }
        }

        impl From<$thing> for $item {
            fn from(thing: $thing) -> Self {
                Self {
                    $($field: thing.$name.into(),)*
                    $($($many: thing.$many.into_iter().map(Into::into).collect(),)*
                    $($one: thing.$one.map(Into::into),)*)?
                }
            }
        }
    };
}

both_ways! {
    PostingItem = Posting {
        debit = debit, credit = credit, amount_minor = amount, up_to = up_to,
        settled_only = settled_only
    }
}
both_ways! { ConditionItem = Condition { account = account, at_least_minor = at_least } }
both_ways! { CorrectionItem = Correction { of = of, kind = kind } }
both_ways! {
    TransactionItem = Transaction {
        id = id, event = event, order = order, reference = reference, date = date, action = action
    } many { postings, conditions } one { corrects }
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

/// What to read of the past; together at most 8,192 pages, balances and lists of holds.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryBody {
    /// Pages of entries.
    #[serde(default)]
    pub entries: Vec<PageItem>,
    /// Balances at past moments.
    #[serde(default)]
    pub balances: Vec<BalanceItem>,
    /// Holds that waited at past moments.
    #[serde(default)]
    pub holds: Vec<HoldsItem>,
}

/// A page of an account's entries, oldest first. The limits of all pages of a call make up at most
/// 131,072.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageItem {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// Only entries of this accounting date and later ones.
    #[schema(value_type = Option<String>)]
    pub from: Option<BusinessDate>,
    /// Only entries up to this accounting date, which is included.
    #[schema(value_type = Option<String>)]
    pub to: Option<BusinessDate>,
    /// Only entries behind this one: `next` of the page before.
    pub after: Option<u64>,
    /// At most this many; 50 if absent.
    pub limit: Option<u32>,
}

/// The holds on an account that waited at a moment, newest first. A page looks at no more than
/// `limit` of those made by then; the limits count with those of the pages of entries.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldsItem {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The moment.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Only holds made before this one: `next` of the page before.
    pub before: Option<u64>,
    /// Look at no more than this many; 50 if absent.
    pub limit: Option<u32>,
}

/// An account's balance at a moment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BalanceItem {
    /// The account.
    #[schema(value_type = String)]
    pub account: AccountId,
    /// The moment.
    #[schema(value_type = String)]
    pub at: Timestamp,
}
