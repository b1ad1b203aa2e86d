//! The book in memory: the ledger, fed by nothing but journaled batches, and what it tells the
//! archive.

use crate::checkpoint::Keeping;
use crate::notes::Notes;
use crate::past::DiskPast;
use crate::{Error, replay::Apply};
use archive::Archive;
use journal::{Place, Position, Reader};
use ledger::codec::CodecError;
use ledger::{Chart, Ledger, Outcome};
use std::sync::Arc;
use types::{BusinessDate, Timestamp};

/// The ledger and what it notes.
#[derive(Debug)]
pub(crate) struct Model {
    /// Dropped before the ledger, whose archive waits for its writer, who may wait for a state.
    pub keeping: Keeping,
    pub ledger: Ledger<DiskPast>,
    pub notes: Notes,
}

impl Model {
    /// An empty book with an empty archive.
    pub(crate) fn new(
        (archive, reader): (Archive, Arc<dyn Reader>),
        chart: Arc<Chart>,
        open_date: BusinessDate,
        states_of_journal: u64,
    ) -> Self {
        let past = DiskPast::new(archive, reader, Vec::new(), 0);
        let ledger = Ledger::with_past(chart, open_date, past);
        Self { keeping: Keeping::new(states_of_journal), ledger, notes: Notes::default() }
    }
}

/// The refusal of a batch whose moment is not a later one: moments are given out by one who never
/// gives an earlier one.
pub(crate) fn no_later(sequence: u64) -> Error {
    let error = CodecError { offset: 0, reason: "its moment is not a later one" };
    Error::unreadable(sequence, &error)
}

impl Apply for Model {
    fn apply(
        &mut self,
        at: Timestamp,
        position: Position,
        pieces: &mut dyn Iterator<Item = (Place, &[u8])>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let Self { ledger, notes, .. } = self;
        ledger.begin(at, notes).map_err(|_| no_later(position.sequence))?;
        ledger.memory_mut().absorb(notes)?;
        let mut bytes = 0;
        for (place, piece) in pieces {
            ledger.memory_mut().begin(place);
            let run = ledger.run(piece, notes, outcomes);
            run.map_err(|error| Error::unreadable(position.sequence, &error))?;
            ledger.memory_mut().absorb(notes)?;
            bytes += piece.len() as u64;
        }
        self.keep(position, bytes)
    }

    fn effects(&self) -> u64 {
        self.ledger.seq()
    }
}
