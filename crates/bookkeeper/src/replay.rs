//! Applying the batches of a journal again.

use crate::record::{Head, Mark};
use crate::{Error, error};
use journal::{Batch, Place, Position};
use ledger::Outcome;
use std::collections::VecDeque;
use types::{BusinessDate, Timestamp};

/// What batches are applied to.
pub(crate) trait Apply {
    /// Applies a batch that is in the journal: its pieces, each with the place of its record.
    /// Appends one outcome a command.
    fn apply(
        &mut self,
        at: Timestamp,
        position: Position,
        pieces: &mut dyn Iterator<Item = (Place, &[u8])>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error>;

    /// How many things took effect.
    fn effects(&self) -> u64;
}

/// How many of the last batches' marks are remembered: more than can be on their way between
/// being written and being applied.
const MARKS: usize = 64;

/// Makes an empty book that begins on a date.
pub(crate) type Begin<'b, B> = Box<dyn FnOnce(BusinessDate) -> B + 'b>;

/// A book, or how to begin it.
pub(crate) enum Stage<'b, B> {
    Empty(Begin<'b, B>),
    /// Only while it begins.
    Beginning,
    Begun(B),
}

/// Builds a book again from the journal.
pub(crate) struct Replay<'b, B> {
    stage: Stage<'b, B>,
    open_date: Option<BusinessDate>,
    marks: VecDeque<Mark>,
    /// Marks of batches before this one are not known.
    from: u64,
    outcomes: Vec<Outcome>,
    /// How many commands were replayed.
    pub commands: u64,
}

impl<'b, B: Apply> Replay<'b, B> {
    /// From the first batch.
    pub(crate) fn new(begin: impl FnOnce(BusinessDate) -> B + 'b) -> Self {
        Self::at(Stage::Empty(Box::new(begin)))
    }

    fn at(stage: Stage<'b, B>) -> Self {
        Self {
            stage,
            open_date: None,
            marks: VecDeque::new(),
            from: 0,
            outcomes: Vec::new(),
            commands: 0,
        }
    }

    /// From behind a batch that led to this book.
    pub(crate) fn behind(book: B, mark: Mark) -> Self {
        let marks = VecDeque::from([mark]);
        Self { marks, from: mark.sequence, ..Self::at(Stage::Begun(book)) }
    }

    /// The book, or how to begin it.
    pub(crate) fn finish(self) -> Stage<'b, B> {
        self.stage
    }

    /// What was replayed last.
    pub(crate) fn mark(&self) -> Mark {
        self.marks.back().copied().unwrap_or_default()
    }

    fn effects(&self) -> u64 {
        match &self.stage {
            Stage::Begun(book) => book.effects(),
            _ => 0,
        }
    }

    pub(crate) fn batch(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let Batch { sequence, chain, place, .. } = *batch;
        let mut records = batch.placed_records();
        let head = records.next().map_or(&[][..], |(_, head)| head);
        match (Head::decode(sequence, head)?, std::mem::replace(&mut self.stage, Stage::Beginning))
        {
            (Head::Beginning { open_date }, Stage::Empty(begin)) => {
                self.stage = Stage::Begun(begin(open_date));
                self.open_date = Some(open_date);
            }
            (Head::Batch { at, mark }, Stage::Begun(mut book)) => {
                self.check(sequence, mark)?;
                self.outcomes.clear();
                let position = Position { sequence, chain, place };
                book.apply(at, position, &mut records, &mut self.outcomes)?;
                self.commands += self.outcomes.len() as u64;
                self.stage = Stage::Begun(book);
            }
            _ => return Err(error::no_genesis(sequence, self.open_date)),
        }
        self.marks.push_back(Mark { sequence, effects: self.effects() });
        if self.marks.len() > MARKS {
            self.marks.pop_front();
        }
        Ok(())
    }

    /// Whether replaying came to what was found the first time.
    fn check(&self, sequence: u64, recorded: Mark) -> Result<(), Error> {
        if recorded.sequence < self.from {
            return Ok(());
        }
        let replayed = self.marks.iter().find(|mark| mark.sequence == recorded.sequence);
        let Some(replayed) = replayed.map(|mark| mark.effects) else {
            let reason = format!("it names batch {} as one shortly before it", recorded.sequence);
            return Err(Error::Unreadable { sequence, reason });
        };
        if replayed == recorded.effects {
            return Ok(());
        }
        Err(Error::Diverged { sequence, recorded: recorded.effects, replayed })
    }
}
