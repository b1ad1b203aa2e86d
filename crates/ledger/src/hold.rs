//! An amount set aside for one order (冻结单).

use money::Amount;
use types::{AccountId, OrderId, Timestamp, TransactionId};

/// A hold that waits. A hold that has ended is known to the past only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The transaction that made it.
    pub id: TransactionId,
    /// The business event that made it.
    pub event: u16,
    /// The order it is for.
    pub order: Option<OrderId>,
    /// When it was made.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// What is set aside, with the amounts that were found.
    pub postings: Vec<HeldPosting>,
}

/// One posting of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldPosting {
    /// The account from which it is set aside.
    pub debit: AccountId,
    /// The account that waits for it.
    pub credit: AccountId,
    /// How much.
    pub amount: Amount,
}
