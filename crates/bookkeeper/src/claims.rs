//! What the checkpoint and the index of a book claim, against what its journal says.
//!
//! The state must be the same to the byte. Of ids, rows, marks and lists both sides add up a
//! hash of every item: the sums are the same only if every item is, in whatever files it lies.

use crate::checkpoint;
use crate::notes::{Notes, lists};
use crate::opening::archive_dir;
use crate::past::{DiskPast, moment_bits};
use crate::row::Kind;
use archive::codec::put_varint;
use archive::{Inspection, Link, Mark};
use journal::{Files, Place, Position};
use ledger::{Effect, Ledger, Observer};
use std::path::Path;
use types::Timestamp;

/// How often an archive that is at work is looked at before its files count as missing.
const LOOKS: usize = 5;

/// Sums of the hashes of everything in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    ids: u128,
    rows: u128,
    marks: u128,
    links: u128,
}

fn hash(numbers: &[u128], bytes: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    for number in numbers {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(bytes);
    let mut half = [0; 16];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(half)
}

fn add(sum: &mut u128, numbers: &[u128], bytes: &[u8]) {
    *sum = sum.wrapping_add(hash(numbers, bytes));
}

impl Sums {
    fn mark(&mut self, mark: Mark) {
        let numbers = [mark.seq, mark.at, mark.place].map(u128::from);
        add(&mut self.marks, &numbers, &[]);
    }

    fn link(&mut self, kind: u8, key: u128, item: Link) {
        let numbers = [u128::from(kind), key, u128::from(item.at), u128::from(item.to)];
        add(&mut self.links, &numbers, &[]);
    }

    fn row(&mut self, seq: u64, bytes: &[u8]) {
        if bytes.first() != Some(&(Kind::NoTransaction as u8)) {
            add(&mut self.rows, &[u128::from(seq)], bytes);
        }
    }

    fn id(&mut self, id: u128, seq: u64) {
        add(&mut self.ids, &[id, u128::from(seq)], &[]);
    }

    fn of(found: &Inspection) -> Result<Self, archive::Error> {
        let mut sums = Self::default();
        found.each_id(|id, value| sums.id(id, crate::past::seq_of(value)))?;
        found.each_row(|seq, bytes| sums.row(seq, bytes))?;
        found.each_mark(|mark| sums.mark(mark))?;
        found.each_link(|kind, key, item| sums.link(kind, key, item))?;
        Ok(sums)
    }
}

/// What is claimed, and what a walk over the journal says of it so far.
pub(crate) struct Claims {
    claimed: Option<Claimed>,
    expected: Sums,
    notes: Notes,
    /// The first number of the piece under an id.
    first: Option<u64>,
    agrees: Option<bool>,
}

/// There is a checkpoint, and it cannot be read.
struct Damaged;

struct Claimed {
    at: Position,
    state: Vec<u8>,
    sums: Sums,
}

impl Claims {
    /// Those of the book in `dir`.
    pub(crate) fn read(files: &dyn Files, dir: &Path) -> Self {
        let claimed = Claimed::read(files, dir);
        Self {
            agrees: claimed.is_err().then_some(false),
            claimed: claimed.unwrap_or_default(),
            expected: Sums::default(),
            notes: Notes::default(),
            first: None,
        }
    }

    /// Whether index and state say what the journal says; `None` if there are none.
    pub(crate) fn agree(&self) -> Option<bool> {
        // What is claimed of a batch that never came is not so.
        self.agrees.or_else(|| self.claimed.as_ref().map(|_| false))
    }

    /// Takes over what a piece did.
    pub(crate) fn piece(&mut self, at: Timestamp, place: Place) {
        if self.claimed.is_none() || self.agrees.is_some() {
            self.notes.clear();
            return;
        }
        if let Some(seq) = self.first.take() {
            self.expected.mark(Mark { seq, at: moment_bits(at), place: place.to_bits() });
        }
        for (seq, range) in &self.notes.rows {
            self.expected.row(*seq, self.notes.bytes.get(range.clone()).unwrap_or_default());
        }
        self.take_links();
        self.notes.clear();
    }

    fn take_links(&mut self) {
        for (kind, key, item) in self.notes.links.drain(..) {
            self.expected.link(kind, key, item);
        }
    }

    /// Compares, if this is the batch that is claimed.
    pub(crate) fn batch(&mut self, at: Position, ledger: &Ledger<DiskPast>) {
        self.take_links();
        let Some(claimed) =
            self.claimed.as_ref().filter(|claimed| claimed.at.sequence == at.sequence)
        else {
            return;
        };
        let state = ledger.freeze().encode();
        let ids = ledger.memory();
        let mut head = Vec::new();
        put_varint(&mut head, self.notes.entries);
        put_varint(&mut head, ledger::Past::len(ids));
        self.agrees = Some(
            claimed.at == at
                && claimed.sums == self.expected
                && claimed.state.ends_with(&state)
                && claimed.state[8..].starts_with(&head),
        );
    }
}

impl Claimed {
    /// `None` if there is no checkpoint.
    fn read(files: &dyn Files, dir: &Path) -> Result<Option<Self>, Damaged> {
        let options = archive::Options::new(lists::COUNT);
        for _ in 0..LOOKS {
            match archive::inspect(files, &archive_dir(dir), options) {
                Ok(None) => return Ok(None),
                Ok(Some(found)) => return Self::of(found).map(Some).ok_or(Damaged),
                Err(error @ archive::Error::Io { .. }) => tracing::debug!(%error, "looked again"),
                Err(error) => {
                    tracing::warn!(%error, "the index of the book is damaged");
                    return Err(Damaged);
                }
            }
        }
        Err(Damaged)
    }

    fn of(found: Inspection) -> Option<Self> {
        let sums = Sums::of(&found).inspect_err(|error| {
            tracing::warn!(%error, "the index of the book is damaged");
        });
        let at = checkpoint::position(&found.tag)?;
        Some(Self { at, state: found.state, sums: sums.ok()? })
    }
}

impl Observer for Claims {
    fn effect(&mut self, effect: Effect<'_>) {
        let known = match effect {
            Effect::Transacted { receipt, transaction, .. } => Some((receipt.seq, transaction.id)),
            Effect::ControlsSet { receipt, id, .. } | Effect::SourceSettled { receipt, id, .. } => {
                Some((receipt.seq, id))
            }
            // Told by no id of their own.
            Effect::AccountOpened { .. } | Effect::HoldExpired { .. } | Effect::DayCut { .. } => {
                None
            }
        };
        if let Some((seq, id)) = known {
            self.first.get_or_insert(seq);
            self.expected.id(id.as_u128(), seq);
        }
        self.notes.effect(effect);
    }
}
