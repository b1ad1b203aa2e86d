//! The book in memory: the ledger and the index, both fed by nothing but journaled batches.

use crate::index::Index;
use crate::record::{Head, Mark};
use crate::{Error, error};
use journal::{Batch, Place};
use ledger::codec::CodecError;
use ledger::{Chart, Ledger, Outcome};
use std::collections::VecDeque;
use std::sync::Arc;
use types::{BusinessDate, Timestamp};

/// The ledger and the index of its past.
#[derive(Debug)]
pub(crate) struct Model {
    pub ledger: Ledger,
    pub index: Index,
}

impl Model {
    pub(crate) fn new(chart: Arc<Chart>, open_date: BusinessDate) -> Self {
        Self { ledger: Ledger::new(chart, open_date), index: Index::default() }
    }

    /// Applies a batch that is in the journal: its pieces, each with the place of its record.
    /// Appends one outcome a command.
    pub(crate) fn apply<'p>(
        &mut self,
        at: Timestamp,
        pieces: impl Iterator<Item = (Place, &'p [u8])>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), CodecError> {
        let begun = self.ledger.begin(at, &mut self.index);
        // Moments are given out by one who never gives an earlier one.
        begun.map_err(|_| CodecError { offset: 0, reason: "its moment is not a later one" })?;
        for (_place, piece) in pieces {
            self.ledger.run(piece, &mut self.index, outcomes)?;
        }
        Ok(())
    }
}

/// How many of the last batches' marks are remembered: more than can be on their way between
/// being written and being applied.
const MARKS: usize = 64;

/// Builds the model again from the journal.
pub(crate) struct Replay {
    chart: Arc<Chart>,
    model: Option<Model>,
    open_date: Option<BusinessDate>,
    marks: VecDeque<Mark>,
    outcomes: Vec<Outcome>,
    /// How many commands were replayed.
    pub commands: u64,
}

impl Replay {
    pub(crate) fn new(chart: Arc<Chart>) -> Self {
        Self {
            chart,
            model: None,
            open_date: None,
            marks: VecDeque::new(),
            outcomes: Vec::new(),
            commands: 0,
        }
    }

    /// The model, if the book has begun.
    pub(crate) fn finish(self) -> Option<Model> {
        self.model
    }

    /// The last batch of the journal that was replayed.
    pub(crate) fn last(&self) -> u64 {
        self.marks.back().map_or(0, |mark| mark.sequence)
    }

    pub(crate) fn effects(&self) -> u64 {
        self.model.as_ref().map_or(0, |model| model.ledger.seq())
    }

    pub(crate) fn batch(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let sequence = batch.sequence;
        let mut records = batch.placed_records();
        let head = records.next().map_or(&[][..], |(_, head)| head);
        match (Head::decode(sequence, head)?, &mut self.model) {
            (Head::Beginning { open_date }, model @ None) => {
                *model = Some(Model::new(Arc::clone(&self.chart), open_date));
                self.open_date = Some(open_date);
            }
            (Head::Batch { at, mark }, Some(model)) => {
                check(&self.marks, sequence, mark)?;
                self.outcomes.clear();
                model
                    .apply(at, records, &mut self.outcomes)
                    .map_err(|e| Error::unreadable(sequence, &e))?;
                self.commands += self.outcomes.len() as u64;
            }
            (Head::Beginning { .. }, Some(_)) | (Head::Batch { .. }, None) => {
                return Err(error::no_genesis(sequence, self.open_date));
            }
        }
        self.marks.push_back(Mark { sequence, effects: self.effects() });
        if self.marks.len() > MARKS {
            self.marks.pop_front();
        }
        Ok(())
    }
}

/// Whether replaying came to what was found the first time.
fn check(marks: &VecDeque<Mark>, sequence: u64, recorded: Mark) -> Result<(), Error> {
    let replayed = marks.iter().find(|mark| mark.sequence == recorded.sequence);
    let Some(replayed) = replayed.map(|mark| mark.effects) else {
        let reason = format!("it names batch {} as one shortly before it", recorded.sequence);
        return Err(Error::Unreadable { sequence, reason });
    };
    if replayed == recorded.effects {
        return Ok(());
    }
    Err(Error::Diverged { sequence, recorded: recorded.effects, replayed })
}
