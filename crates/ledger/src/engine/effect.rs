//! What took effect, for whoever keeps an index of it.

use crate::account::{Account, Controls};
use crate::command::Transaction;
use crate::hold::Hold;
use crate::outcome::Receipt;
use money::Amount;
use types::{AccountId, BusinessDate, TransactionId};

/// One posting that took effect, with what it made of the two balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The account debited.
    pub debit: AccountId,
    /// The account credited.
    pub credit: AccountId,
    /// How much was found and moved, held or released, in minor units; never zero.
    pub amount: Amount,
    /// The debited account's balance after it, on its normal side.
    pub debit_balance: i128,
    /// The credited account's balance after it, on its normal side.
    pub credit_balance: i128,
    /// The places of the accounts debited and credited among [`crate::Ledger::accounts`].
    pub places: [u32; 2],
}

/// What took effect.
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
    /// (`Applied`). Balances change only when it is `Posted`.
    Transacted {
        /// Its receipt.
        receipt: Receipt,
        /// Its place among the commands of its piece.
        number: usize,
        /// The transaction as it was asked for.
        transaction: &'a Transaction,
        /// What was moved; of a hold, what was held; of a void, what was released.
        moves: &'a [Move],
    },
    /// A hold ran out and was released.
    HoldExpired {
        /// Its receipt, `Applied`.
        receipt: Receipt,
        /// The hold as it was.
        hold: &'a Hold,
    },
    /// What entered through a source has arrived.
    SourceSettled {
        /// Its receipt.
        receipt: Receipt,
        /// The command's id.
        id: TransactionId,
        /// The source.
        source: AccountId,
        /// The last value date that has arrived.
        through: BusinessDate,
        /// The caller's own reference.
        reference: u128,
    },
    /// A date was closed and another opened.
    DayCut {
        /// Its receipt, of the date closed.
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
