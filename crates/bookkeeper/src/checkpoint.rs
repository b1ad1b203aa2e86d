//! What the archive keeps of the book at a checkpoint: up to which batch of the journal, and the
//! state after it.
//!
//! ```text
//! tag    u64 sequence, chain (32), u64 place, u64 effects
//! state  "CHbook01", varint entries, varint ids, varint days, (varint seq, u32 days since 1970)*,
//!        the ledger's state (ledger::Frozen)
//! ```

use crate::Error;
use crate::model::Model;
use crate::notes::Notes;
use crate::past::{DiskPast, seq_of};
use crate::record::Mark;
use archive::codec::{Cursor, put_varint};
use archive::{Archive, Checkpoint};
use journal::{Place, Position, Reader};
use ledger::{Chart, Frozen, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use types::BusinessDate;

const MAGIC: &[u8; 8] = b"CHbook01";
/// What is new is frozen after this many bytes of journal, however little took effect.
const MOST_JOURNAL: u64 = 128 << 20;

/// So many accounts are copied between two batches while a state is taken: some milliseconds.
pub(crate) const SLICE: usize = 1 << 14;

/// When the next freeze and the next checkpoint are due.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    /// The last batch that was applied.
    pub last: Option<Position>,
    since_freeze: u64,
    since_checkpoint: u64,
    /// As [`crate::Storage::states_of_journal`].
    states_of_journal: u64,
    /// How long the last state was; known once it is written.
    state_bytes: Arc<AtomicU64>,
    /// Who waits for the state that is being taken.
    waits: Option<SyncSender<Frozen>>,
}

impl Keeping {
    pub(crate) fn new(states_of_journal: u64) -> Self {
        Self { states_of_journal, ..Self::default() }
    }
}

impl Model {
    /// Notes that a batch was applied, and freezes when it is due.
    pub(crate) fn keep(&mut self, position: Position, bytes: u64) -> Result<(), Error> {
        self.take_more(SLICE);
        let keeping = &mut self.keeping;
        keeping.last = Some(position);
        keeping.since_freeze += bytes;
        keeping.since_checkpoint += bytes;
        let full = self.ledger.memory().archive.is_due() || keeping.since_freeze >= MOST_JOURNAL;
        if !full {
            return Ok(());
        }
        let worth =
            keeping.state_bytes.load(Ordering::Relaxed).saturating_mul(keeping.states_of_journal);
        let checkpoint = keeping.since_checkpoint >= worth;
        self.freeze(checkpoint)
    }

    /// Brings everything to the disk before the book is closed, so that the next opening replays
    /// nothing.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.keeping.since_checkpoint > 0 {
            self.freeze(true)?;
        }
        self.take_more(usize::MAX);
        self.ledger.memory().archive.settle().map_err(Error::from)
    }

    /// Copies some more of the state that is being taken; whether there is more to do.
    pub(crate) fn take_more(&mut self, accounts: usize) -> bool {
        let Some(waits) = &self.keeping.waits else { return false };
        let Some(frozen) = self.ledger.freeze_more(accounts) else { return true };
        // Who waited may have failed meanwhile; it says so at the next freeze.
        drop(waits.send(frozen));
        self.keeping.waits = None;
        false
    }

    fn freeze(&mut self, checkpoint: bool) -> Result<(), Error> {
        // The writer waits for the state before, and a freeze may wait for the writer.
        self.take_more(usize::MAX);
        let checkpoint = self.keeping.last.filter(|_| checkpoint).map(|last| self.checkpoint(last));
        self.keeping.since_freeze = 0;
        if checkpoint.is_some() {
            self.keeping.since_checkpoint = 0;
        }
        if !self.ledger.memory().archive.has_background() {
            self.take_more(usize::MAX);
        }
        self.ledger.memory_mut().archive.freeze(checkpoint).map_err(Error::from)
    }

    fn checkpoint(&mut self, last: Position) -> Checkpoint {
        let mut tag = last.sequence.to_le_bytes().to_vec();
        tag.extend_from_slice(&last.chain);
        tag.extend_from_slice(&last.place.to_bits().to_le_bytes());
        tag.extend_from_slice(&self.ledger.seq().to_le_bytes());
        let past = self.ledger.memory();
        let mut state = MAGIC.to_vec();
        put_varint(&mut state, self.notes.entries);
        put_varint(&mut state, past.count);
        put_varint(&mut state, past.days.len() as u64);
        for (seq, date) in &past.days {
            put_varint(&mut state, *seq);
            state.extend_from_slice(&date.days().cast_unsigned().to_le_bytes());
        }
        self.ledger.begin_freeze();
        let (waits, taken) = mpsc::sync_channel(1);
        self.keeping.waits = Some(waits);
        let length = Arc::clone(&self.keeping.state_bytes);
        let state = move || {
            // There will be none if the book is gone before it is whole.
            state.extend(taken.recv().ok()?.encode());
            length.store(state.len() as u64, Ordering::Relaxed);
            Some(state)
        };
        Checkpoint { tag, state: Box::new(state) }
    }
}

/// The model at a checkpoint, and which batch it is behind.
pub(crate) struct Restored {
    pub model: Model,
    pub from: Position,
    pub mark: Mark,
}

/// Takes up an archive at its checkpoint; why not, if it does not fit.
pub(crate) fn restore(
    (archive, reader): (Archive, Arc<dyn Reader>),
    chart: Arc<Chart>,
    (tag, state): (&[u8], &[u8]),
    states_of_journal: u64,
) -> Result<Restored, String> {
    let (from, effects) = read_tag(tag).ok_or("its tag is of another form")?;
    let head = read_head(state).ok_or("its state is of another form")?;
    let Head { entries, count, days, ledger } = head;
    let past = DiskPast::new(archive, reader, days, count);
    let ledger = Ledger::restore(chart, past, ledger).map_err(|error| error.to_string())?;
    if ledger.seq() != effects {
        return Err("its tag and its state are of two moments".to_owned());
    }
    let ids: Vec<u128> = ledger.holds().map(|hold| hold.id.as_u128()).collect();
    let known = ledger.memory().archive.view().ids(&ids).map_err(|error| error.to_string())?;
    let seqs: Option<Vec<u64>> = known.into_iter().map(|known| known.map(seq_of)).collect();
    let seqs = seqs.ok_or("it does not know a hold of its state")?;
    let notes = Notes::of(ledger.accounts(), entries, ledger.holds().zip(seqs));
    let keeping = Keeping { last: Some(from), ..Keeping::new(states_of_journal) };
    keeping.state_bytes.store(state.len() as u64, Ordering::Relaxed);
    let mark = Mark { sequence: from.sequence, effects };
    Ok(Restored { model: Model { keeping, ledger, notes }, from, mark })
}

/// Behind which batch a checkpoint with this tag is.
pub(crate) fn position(tag: &[u8]) -> Option<Position> {
    read_tag(tag).map(|(position, _)| position)
}

fn read_tag(tag: &[u8]) -> Option<(Position, u64)> {
    let mut cursor = Cursor::new(tag);
    let (sequence, chain) = (cursor.u64()?, cursor.array()?);
    let (place, effects) = (Place::from_bits(cursor.u64()?), cursor.u64()?);
    cursor.is_empty().then_some((Position { sequence, chain, place }, effects))
}

struct Head<'s> {
    entries: u64,
    count: u64,
    days: Vec<(u64, BusinessDate)>,
    ledger: &'s [u8],
}

fn read_head(state: &[u8]) -> Option<Head<'_>> {
    let mut cursor = Cursor::new(state);
    if cursor.array::<8>()? != *MAGIC {
        return None;
    }
    let (entries, count) = (cursor.varint()?, cursor.varint()?);
    let mut days = Vec::new();
    for _ in 0..cursor.count(5)? {
        let seq = cursor.varint()?;
        days.push((seq, BusinessDate::from_days(cursor.u32()?.cast_signed())));
    }
    Some(Head { entries, count, days, ledger: cursor.rest() })
}
