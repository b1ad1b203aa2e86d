//! What the book remembers of every id it ever took: for ever.

use crate::idmap::IdMap;
use crate::outcome::{Receipt, TransactionState};
use types::TransactionId;

/// What is kept of one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRecord {
    /// The first half of the BLAKE3 hash of the command's canonical encoding.
    pub fingerprint: u128,
    /// The receipt it was given.
    pub receipt: Receipt,
    /// How it ended, if it was a hold and has ended.
    pub resolution: Option<Resolution>,
}

impl PastRecord {
    /// Where the transaction stands now.
    pub const fn state(&self) -> TransactionState {
        match self.resolution {
            None => self.receipt.state,
            Some(Resolution::Posted) => TransactionState::HoldPosted,
            Some(Resolution::Voided) => TransactionState::HoldVoided,
            Some(Resolution::Expired) => TransactionState::Expired,
        }
    }
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Posted, wholly or in part.
    Posted,
    /// Voided.
    Voided,
    /// Ran out.
    Expired,
}

/// The memory of ids. A trait, because it grows for ever and will move to disk.
pub trait Past {
    /// What is known of this id.
    fn get(&self, id: TransactionId) -> Option<PastRecord>;
    /// Remembers an id; the ledger never asks twice for the same one.
    fn put(&mut self, id: TransactionId, record: PastRecord);
    /// Notes how a hold ended.
    fn resolve(&mut self, id: TransactionId, resolution: Resolution);
    /// How many ids are known.
    fn len(&self) -> u64;
    /// Whether none is known.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The past in a hash table.
#[derive(Debug, Default)]
pub struct MemoryPast(IdMap<TransactionId, PastRecord>);

impl Past for MemoryPast {
    fn get(&self, id: TransactionId) -> Option<PastRecord> {
        self.0.get(&id).copied()
    }

    fn put(&mut self, id: TransactionId, record: PastRecord) {
        self.0.insert(id, record);
    }

    fn resolve(&mut self, id: TransactionId, resolution: Resolution) {
        if let Some(record) = self.0.get_mut(&id) {
            record.resolution = Some(resolution);
        }
    }

    fn len(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}
