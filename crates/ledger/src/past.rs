//! What the book remembers of every id it ever took: for ever.

use crate::codec;
use crate::command::Command;
use crate::idmap::IdMap;
use crate::outcome::{Receipt, TransactionState};
use types::TransactionId;

/// What is kept of one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRecord {
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

/// The memory of ids. A trait, because it grows for ever and lives on disk in a large book.
///
/// It answers always. One that can fail notes that it did and may then answer anything: its owner
/// asks it after every piece, and throws the book in memory away.
pub trait Past {
    /// Tells which ids will be asked for by the next commands, so that looking them up can
    /// overlap: their own, and those they name (holds, what they correct).
    fn prepare(&mut self, own: &[TransactionId], named: &[TransactionId]);
    /// What is known of this id.
    fn get(&self, id: TransactionId) -> Option<PastRecord>;
    /// The command of this id, as it was asked for. Asked for rarely: when an id comes again, and
    /// by corrections.
    fn command(&self, id: TransactionId) -> Option<Command>;
    /// Remembers an id with its command: the `number`-th of its piece, in the canonical form. The
    /// ledger never asks twice for the same one.
    fn put(&mut self, id: TransactionId, record: PastRecord, number: usize, command: &[u8]);
    /// Notes how a hold ended.
    fn resolve(&mut self, id: TransactionId, resolution: Resolution);
    /// How many ids are known.
    fn len(&self) -> u64;
    /// Whether none is known.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The past in memory: a hash table, and the commands' bytes behind one another.
#[derive(Debug, Default)]
pub struct MemoryPast {
    records: IdMap<TransactionId, (PastRecord, Kept)>,
    /// Filled one after another and never grown, so that none is ever copied.
    chunks: Vec<Vec<u8>>,
}

/// Where a command's bytes are.
#[derive(Debug, Clone, Copy)]
struct Kept {
    chunk: usize,
    start: usize,
    end: usize,
}

/// How long a chunk is; a longer command gets one of its own.
const CHUNK: usize = 1 << 20;

impl MemoryPast {
    fn keep(&mut self, bytes: &[u8]) -> Kept {
        let room = self.chunks.last().map_or(0, |c| c.capacity().saturating_sub(c.len()));
        if room < bytes.len() || self.chunks.is_empty() {
            self.chunks.push(Vec::with_capacity(CHUNK.max(bytes.len())));
        }
        let chunk = self.chunks.len().saturating_sub(1);
        let Some(last) = self.chunks.last_mut() else { return Kept { chunk, start: 0, end: 0 } };
        let start = last.len();
        last.extend_from_slice(bytes);
        Kept { chunk, start, end: last.len() }
    }
}

impl Past for MemoryPast {
    fn prepare(&mut self, _: &[TransactionId], _: &[TransactionId]) {}

    fn get(&self, id: TransactionId) -> Option<PastRecord> {
        self.records.get(&id).map(|(record, _)| *record)
    }

    fn command(&self, id: TransactionId) -> Option<Command> {
        let (_, Kept { chunk, start, end }) = self.records.get(&id)?;
        codec::decode(self.chunks.get(*chunk)?.get(*start..*end)?).ok()
    }

    fn put(&mut self, id: TransactionId, record: PastRecord, _: usize, command: &[u8]) {
        let kept = self.keep(command);
        self.records.insert(id, (record, kept));
    }

    fn resolve(&mut self, id: TransactionId, resolution: Resolution) {
        if let Some((record, _)) = self.records.get_mut(&id) {
            record.resolution = Some(resolution);
        }
    }

    fn len(&self) -> u64 {
        u64::try_from(self.records.len()).unwrap_or(u64::MAX)
    }
}
