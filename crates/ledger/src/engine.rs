//! The state machine.

use crate::account::{Account, Controls};
use crate::chart::{Chart, GlCode};
use crate::command::{Command, Transaction};
use crate::general::Turnover;
use crate::hold::Hold;
use crate::outcome::{Outcome, Receipt};
use crate::past::{MemoryPast, Past, PastRecord};
use crate::proofs::Proofs;
use crate::trial::TrialBalance;
use money::{Amount, AssetId};
use std::sync::Arc;
use types::{AccountId, BusinessDate, Timestamp, TransactionId};

/// One posting that took effect, with what it made of the two balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The account debited.
    pub debit: AccountId,
    /// The account credited.
    pub credit: AccountId,
    /// How much was found and moved (or held), in minor units; never zero.
    pub amount: Amount,
    /// The debited account's balance after it, on its normal side.
    pub debit_balance: i128,
    /// The credited account's balance after it, on its normal side.
    pub credit_balance: i128,
}

/// What took effect, for whoever keeps an index of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect<'a> {
    /// An account was opened.
    AccountOpened {
        /// Its receipt.
        receipt: Receipt,
        /// The account.
        account: &'a Account,
    },
    /// An account's controls were set.
    ControlsSet {
        /// Its receipt.
        receipt: Receipt,
        /// The command's id.
        id: TransactionId,
        /// The account.
        account: AccountId,
        /// The controls from now on.
        controls: Controls,
        /// The caller's own reference.
        reference: u128,
    },
    /// Money moved (`receipt.state` is `Posted`), was held (`Pending`) or was released
    /// (`Applied`). Balances of moves change only when it is `Posted`.
    Transacted {
        /// Its receipt.
        receipt: Receipt,
        /// The transaction as it was asked for.
        transaction: &'a Transaction,
        /// What was found, moved or held; of a void, what was released.
        moves: &'a [Move],
    },
    /// A hold ran out and was released.
    HoldExpired {
        /// Its receipt, `Applied`.
        receipt: Receipt,
        /// The hold as it was.
        hold: &'a Hold,
    },
    /// A date was closed and another opened; the receipt carries the date closed.
    DayCut {
        /// Its receipt.
        receipt: Receipt,
        /// The date closed.
        closing: BusinessDate,
        /// The date opened.
        opening: BusinessDate,
    },
}

/// Is told of everything that takes effect, in order.
pub trait Observer {
    /// Something took effect.
    fn effect(&mut self, effect: Effect<'_>);
}

/// Nobody listens.
impl Observer for () {
    fn effect(&mut self, _: Effect<'_>) {}
}

/// The book.
#[derive(Debug)]
pub struct Ledger<P = MemoryPast> {
    chart: Arc<Chart>,
    past: P,
    open_date: BusinessDate,
}

impl Ledger<MemoryPast> {
    /// An empty book whose first accounting date is `open_date`.
    pub fn new(chart: Arc<Chart>, open_date: BusinessDate) -> Self {
        Self::with_past(chart, open_date, MemoryPast::default())
    }
}

#[expect(unused_variables, reason = "published for its signatures; bodies follow")]
impl<P: Past> Ledger<P> {
    /// An empty book that remembers ids in `past`, which must be empty too.
    pub fn with_past(chart: Arc<Chart>, open_date: BusinessDate, past: P) -> Self {
        Self { chart, past, open_date }
    }

    /// Applies a batch at a moment later than the last one; first ends the holds that have run
    /// out by then. An empty batch does only that.
    pub fn apply(&mut self, at: Timestamp, batch: &[Command]) -> Vec<Outcome> {
        self.apply_observed(at, batch, &mut ())
    }

    /// As [`Ledger::apply`], telling an observer of everything that takes effect.
    pub fn apply_observed(
        &mut self,
        at: Timestamp,
        batch: &[Command],
        observer: &mut dyn Observer,
    ) -> Vec<Outcome> {
        unimplemented!()
    }

    /// The earliest moment at or after `now` that the next batch may have.
    pub fn next_at(&self, now: Timestamp) -> Timestamp {
        unimplemented!()
    }

    /// The moment of the last batch.
    pub fn last_at(&self) -> Option<Timestamp> {
        unimplemented!()
    }

    /// How many things ever took effect: the sequence number of the last.
    pub fn seq(&self) -> u64 {
        unimplemented!()
    }

    /// The open accounting date.
    pub fn open_date(&self) -> BusinessDate {
        self.open_date
    }

    /// The chart of accounts.
    pub fn chart(&self) -> &Arc<Chart> {
        &self.chart
    }

    /// The account of this id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        unimplemented!()
    }

    /// All accounts, in the order they were opened.
    pub fn accounts(&self) -> &[Account] {
        unimplemented!()
    }

    /// The hold of this id, if it waits.
    pub fn hold(&self, id: TransactionId) -> Option<&Hold> {
        unimplemented!()
    }

    /// All holds that wait, in no order.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        std::iter::empty()
    }

    /// What is remembered of an id.
    pub fn past(&self, id: TransactionId) -> Option<PastRecord> {
        self.past.get(id)
    }

    /// What a leaf was debited and credited on a date.
    pub fn gl_movement(&self, date: BusinessDate, leaf: GlCode, asset: AssetId) -> Turnover {
        unimplemented!()
    }

    /// The dates the general ledger knows, oldest first; the last is the open one.
    pub fn dates(&self) -> Vec<BusinessDate> {
        unimplemented!()
    }

    /// The trial balance of a date; of a date never opened, all zeros.
    pub fn trial_balance(&self, date: BusinessDate) -> TrialBalance {
        unimplemented!()
    }

    /// Proves the book.
    pub fn prove(&self) -> Proofs {
        unimplemented!()
    }

    /// A hash of everything the book knows: equal books, equal hashes.
    pub fn state_hash(&self) -> [u8; 32] {
        unimplemented!()
    }
}
