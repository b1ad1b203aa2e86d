//! The thread that applies what the scribe has written, and answers.

use crate::Error;
use crate::record::{BATCH_HEAD, Mark};
use crate::replay::Apply;
use crate::shared::{Group, Shared};
use journal::Position;
use ledger::Outcome;
use std::sync::PoisonError;
use std::sync::mpsc::Receiver;
use types::Timestamp;

/// How many written batches may wait to be applied.
pub(crate) const MAX_WRITTEN: usize = 4;

/// A batch that is on the disk.
pub(crate) struct Written {
    pub at: Timestamp,
    pub position: Position,
    pub group: Group,
}

/// Applies every batch in order, until the scribe is gone. A batch that cannot be applied is the
/// last: the book in memory no longer is what the journal says.
pub(crate) fn run(shared: &Shared, work: &Receiver<Written>) {
    let mut stopped = None;
    for Written { at, position, group } in work {
        let outcomes = match &stopped {
            None => apply(shared, at, position, &group),
            Some(error) => Err(Error::clone(error)),
        };
        stopped = outcomes.as_ref().err().cloned().or(stopped);
        group.answer(outcomes);
    }
    if stopped.is_none() && shared.failure().is_none() {
        let mut model = shared.model.write().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = model.settle() {
            // What is missing is replayed at the next opening.
            tracing::warn!(%error, "the book is closed without a checkpoint");
        }
    }
}

fn apply(
    shared: &Shared,
    at: Timestamp,
    position: Position,
    group: &Group,
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes = Vec::with_capacity(group.commands.len());
    let mut model = shared.model.write().unwrap_or_else(PoisonError::into_inner);
    let lengths = std::iter::once(BATCH_HEAD);
    let lengths = lengths.chain(group.commands.pieces().map(<[u8]>::len));
    let places = position.place.records(lengths).skip(1);
    let mut pieces = places.zip(group.commands.pieces());
    model
        .apply(at, position, &mut pieces, &mut outcomes)
        .map_err(|error| shared.damaged(&model, &error))?;
    let effects = model.ledger.seq();
    drop(model);
    shared.set_mark(Mark { sequence: position.sequence, effects });
    Ok(outcomes)
}
