//! The thread that applies what the scribe has written, and answers.

use crate::Error;
use crate::checkpoint::SLICE;
use crate::record::{BATCH_HEAD, Mark};
use crate::replay::Apply;
use crate::shared::{Group, Shared};
use journal::Position;
use ledger::Outcome;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, TryRecvError};
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
    // A state may be being taken since the journal was replayed.
    while let Some(Written { at, position, group }) = next(shared, work) {
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

/// The next batch; while there is none, what is left to be copied is. `None` if none will come.
fn next(shared: &Shared, work: &Receiver<Written>) -> Option<Written> {
    loop {
        match work.try_recv() {
            Ok(written) => return Some(written),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        let mut model = shared.model.write().unwrap_or_else(PoisonError::into_inner);
        if !model.take_more(SLICE) {
            break;
        }
    }
    work.recv().ok()
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
