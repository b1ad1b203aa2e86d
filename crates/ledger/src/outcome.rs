//! What became of a command.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use types::{BusinessDate, Timestamp};

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect now.
    Done(Receipt),
    /// It took effect before, with the same content; this is its first receipt.
    Exists(Receipt),
    /// It did not, and nothing changed.
    Refused(Refusal),
}

impl Outcome {
    /// The receipt, whether new or old; or the refusal.
    pub const fn receipt(self) -> Result<Receipt, Refusal> {
        match self {
            Self::Done(receipt) | Self::Exists(receipt) => Ok(receipt),
            Self::Refused(refusal) => Err(refusal),
        }
    }
}

/// Proof that a command took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its place among everything that ever took effect, from 1, without gaps.
    pub seq: u64,
    /// The ledger's time: that of its batch.
    pub at: Timestamp,
    /// The accounting date it fell on.
    pub date: BusinessDate,
    /// What it was when it took effect.
    pub state: TransactionState,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionState {
    /// Its postings are in the balances.
    Posted,
    /// A hold that waits.
    Pending,
    /// A hold that was posted, wholly or in part.
    HoldPosted,
    /// A hold that was voided.
    HoldVoided,
    /// A hold that ran out.
    Expired,
    /// It took effect without moving money: an account opened, controls set, a day cut, a hold
    /// voided.
    Applied,
}
