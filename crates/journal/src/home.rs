//! What every home of a log offers: the traits behind which nobody sees where it is kept.

use crate::{Batch, Error, Place, Position, Recovery, VisitError};
use std::fmt::Debug;
use std::sync::Arc;

/// What looks at each batch of a walk; its refusal ends the walk with [`Error::Refused`].
pub type Visit<'v> = &'v mut dyn FnMut(&Batch<'_>) -> Result<(), VisitError>;

/// Where one log is kept.
pub trait Home: Send + Sync {
    /// Claims the log, made if missing: from now on nobody else appends to it, until every clone
    /// of the claim and the log that was opened with it is gone.
    ///
    /// # Errors
    /// [`Error::Locked`] if somebody holds it, [`Error::WrongKind`], [`Error::Io`],
    /// [`Error::Database`].
    fn claim(&self) -> Result<Box<dyn Held>, Error>;

    /// What tells this log from every other in homes of its kind, if the home knows such a thing
    /// and the log was ever claimed.
    ///
    /// # Errors
    /// [`Error::Database`].
    fn identity(&self) -> Result<Option<String>, Error>;

    /// Reads single records, be the log written at the same time or not.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Walks the log from its first batch without claiming or changing it. Of a log that is being
    /// written it sees what was written when it came by.
    ///
    /// # Errors
    /// As [`Held::open_behind`].
    fn walk(&self, visit: Visit<'_>) -> Result<Recovery, Error>;
}

/// A log that is claimed and not yet opened.
pub trait Held {
    /// Opens it for appending and hands every batch to `visit`; those behind a batch that is known,
    /// if one is: what is before it is not read.
    ///
    /// # Errors
    /// [`Error::Corrupt`], also if that batch is not where it was; [`Error::WrongKind`],
    /// [`Error::Io`], [`Error::Database`], and [`Error::Refused`] if `visit` refuses a batch.
    fn open_behind(
        &self,
        from: Option<Position>,
        visit: Visit<'_>,
    ) -> Result<(Box<dyn Journal>, Recovery), Error>;
}

/// The writing end of a log: its only one.
pub trait Journal: Send {
    /// Appends one batch, whole or not at all, and returns when it is as durable as the home
    /// promises.
    ///
    /// # Errors
    /// [`Error::BadBatch`] changes nothing. After any other nobody knows whether the batch is in
    /// the log, and every later call gives [`Error::Stopped`].
    fn append(&mut self, records: &[&[u8]]) -> Result<Position, Error>;

    /// Returns once every appended batch is durable.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn sync(&mut self) -> Result<(), Error>;

    /// Called when the log falls idle: makes everything durable, and damage to any batch before
    /// tellable from an interrupted write where that needs saying.
    ///
    /// # Errors
    /// As [`Journal::append`].
    fn seal(&mut self) -> Result<(), Error>;

    /// The last batch; sequence 0 and the kind's own hash in a new log.
    fn last(&self) -> Position;
}

/// Reads records of a log by their place. Checks each record's checksum; that it belongs to the
/// log was checked when the log was opened.
pub trait Reader: Send + Sync + Debug {
    /// Puts the record at this place into `out`, in place of what it holds.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if no sound record begins there, [`Error::Io`], [`Error::Database`].
    fn record(&self, place: Place, out: &mut Vec<u8>) -> Result<(), Error>;
}
