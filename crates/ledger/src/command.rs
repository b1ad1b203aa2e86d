//! What the book may be asked to do.

use crate::account::{Controls, NewAccount};
use money::Amount;
use serde::{Deserialize, Serialize};
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

/// Most postings of one transaction (a payroll of eight thousand is one transaction).
pub const MAX_POSTINGS: usize = 8_192;
/// Most conditions of one transaction.
pub const MAX_CONDITIONS: usize = 64;

/// One command; a batch applies them in order, each by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Opens an account.
    OpenAccount(NewAccount),
    /// Sets the whole of an account's controls.
    SetControls {
        /// The id that makes the change idempotent; shares the space of transaction ids.
        id: TransactionId,
        /// The account.
        account: AccountId,
        /// The controls from now on.
        controls: Controls,
        /// The caller's own reference (a register entry's id).
        reference: u128,
    },
    /// Applies a transaction: all of it or nothing.
    Transact(Transaction),
    /// Everything that entered through a source of lots up to a value date has arrived: it is
    /// settled wherever it is by then (see [`crate::lots`]).
    Settle {
        /// The id that makes it idempotent; shares the space of transaction ids.
        id: TransactionId,
        /// The account it entered through: a channel's receivable.
        source: AccountId,
        /// The last value date that has arrived; a closed date.
        through: BusinessDate,
        /// The caller's own reference.
        reference: u128,
    },
    /// Closes the open accounting date and opens a later one (日切).
    CutDay {
        /// The date to close; must be the open one.
        closing: BusinessDate,
        /// The date to open; later than `closing`.
        opening: BusinessDate,
    },
}

/// An atomic set of balanced postings (凭证).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id; the same id with the same content is applied once.
    pub id: TransactionId,
    /// The business event: the code of a posting template.
    pub event: u16,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The caller's own reference.
    pub reference: u128,
    /// The accounting date it must fall on; `None` is the open date, whichever that is.
    pub date: Option<BusinessDate>,
    /// Whether it moves, holds, or ends a hold.
    pub action: Action,
    /// Its postings, applied in order.
    pub postings: Vec<Posting>,
    /// What must be true of the state before it.
    pub conditions: Vec<Condition>,
    /// The transaction it corrects.
    pub corrects: Option<Correction>,
}

/// What a transaction does with its postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Moves the money.
    Post,
    /// Sets the money aside; its id is the hold's id.
    Hold {
        /// When the hold ends by itself; later than the batch that makes it.
        expires_at: Option<Timestamp>,
    },
    /// Moves what a hold set aside. Without postings: all of it. With postings: each names the
    /// accounts of a held posting, in their order, with an amount within what is held; what is
    /// not moved is released.
    PostHold {
        /// The transaction that made the hold.
        hold: TransactionId,
    },
    /// Releases a hold; has no postings.
    VoidHold {
        /// The transaction that made the hold.
        hold: TransactionId,
    },
}

/// One debit and one credit of the same amount (分录).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The account debited.
    pub debit: AccountId,
    /// The account credited.
    pub credit: AccountId,
    /// The amount, or the most of it when balancing.
    pub amount: Amount,
    /// Whether the amount gives way to what is available.
    pub up_to: UpTo,
    /// Whether it may take settled money only, because it leaves the house: what is in transit
    /// (see [`crate::lots`]) stays. A balancing amount gives way to what is settled; of a hold
    /// that is posted, what was set aside must have settled.
    pub settled_only: bool,
}

impl Posting {
    /// A posting of exactly this amount.
    pub const fn exact(debit: AccountId, credit: AccountId, amount: Amount) -> Self {
        Self { debit, credit, amount, up_to: UpTo::Exact, settled_only: false }
    }

    /// The same, of settled money only.
    #[must_use]
    pub const fn settled(mut self) -> Self {
        self.settled_only = true;
        self
    }
}

/// How a posting's amount is found. A balancing posting that finds nothing available moves
/// nothing and is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpTo {
    /// Exactly the amount.
    #[default]
    Exact,
    /// At most what can be debited: posted credits less posted and pending debits.
    AvailableOfDebit,
    /// At most what can be credited: posted debits less posted and pending credits.
    AvailableOfCredit,
}

/// The balance of an account is at least this much before the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The account.
    pub account: AccountId,
    /// The least balance, on its normal side.
    pub at_least: Amount,
}

/// Which transaction is corrected, and how. Nothing is ever edited. A correction falls on the
/// open date, whenever the fault was made: a closed date takes none. What moved too much is
/// reversed whole and supplemented with what is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The transaction at fault.
    pub of: TransactionId,
    /// Whether it is undone or completed.
    pub kind: CorrectionKind,
}

/// The two ways of correcting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionKind {
    /// 红冲: takes back what was wrongly posted: all of it, once, and nothing else. Its postings
    /// are those of the transaction at fault, in any order, with debit and credit changed over.
    Reversal,
    /// 蓝补: posts what should have been, or what is missing; any number of them.
    Supplement,
}
