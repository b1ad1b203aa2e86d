//! What readers are given.

pub use ledger::wire::HoldRecord as Hold;
use ledger::{CorrectedBy, Move, Side, Transaction, TransactionState};
use money::Amount;
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

/// One side of a posting, as the account that has it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The posting's place among all postings of the book, from 1: what pages go by.
    pub seq: u64,
    /// The transaction.
    pub transaction: TransactionId,
    /// The ledger's time.
    pub at: Timestamp,
    /// The accounting date.
    pub date: BusinessDate,
    /// The business event: the code of its posting template.
    pub event: u16,
    /// The order it belongs to; that of its hold, if it names none itself.
    pub order: Option<OrderId>,
    /// The account's side.
    pub side: Side,
    /// How much, in minor units.
    pub amount: Amount,
    /// The account on the other side.
    pub counterpart: AccountId,
    /// The account's balance after it, on its normal side.
    pub balance_after: i128,
}

/// A transaction and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionView {
    /// As it was asked for.
    pub transaction: Transaction,
    /// What was found, and moved, held or released.
    pub moves: Vec<Move>,
    /// Its place among everything that ever took effect.
    pub seq: u64,
    /// The ledger's time.
    pub at: Timestamp,
    /// The accounting date.
    pub date: BusinessDate,
    /// Where it stands now.
    pub state: TransactionState,
    /// What corrected it since; what it corrects itself stands in `transaction.corrects`.
    pub corrected_by: Vec<CorrectedBy>,
}

/// The holds on an account that waited at a past moment, of those that were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoldsThen {
    /// Newest first; how they ended since is told too.
    pub holds: Vec<Hold>,
    /// Before which hold to look next; `None` if there are no earlier ones.
    pub next: Option<u64>,
}
