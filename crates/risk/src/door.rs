//! The door: open, judge, record, read, lists, reload.

use std::sync::Arc;

use records::{Migrations, Records};
use sea_orm::ConnectionTrait;
use types::{BusinessDate, Clock, DecisionId, OrderId, Timestamp};

use crate::{Decision, Error, Event, ListEntry, Listed, Outcome};

/// The tables of this room.
pub const MIGRATIONS: Migrations = Migrations { room: "risk", steps: &[] };

/// One file as text.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, for errors.
    pub file: &'a str,
    /// Its content.
    pub text: &'a str,
}

/// The two files of books/risk.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// features.toml: event kinds, elements, features, limits, deadline and fallbacks.
    pub features: Source<'a>,
    /// rules.toml.
    pub rules: Source<'a>,
}

/// Measures how long judging takes. Not the time of day: events bring theirs.
pub trait Stopwatch: Send + Sync {
    /// Microseconds since some fixed moment.
    fn micros(&self) -> u64;
}

/// The day's decisions in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Let pass.
    pub accepted: u64,
    /// Asked for further factors.
    pub step_up: u64,
    /// Held for a person.
    pub review: u64,
    /// Refused.
    pub rejected: u64,
    /// Answered by the fallback because time ran out (counted above as well).
    pub fallback: u64,
    /// How often each rule hit, most often first.
    pub hits: Vec<(String, u64)>,
}

/// Risk control of one institution. Cloning shares it.
#[derive(Clone)]
pub struct Risk {}

impl Risk {
    /// Opens risk control: reads the files, the lists and the events that the windows need.
    ///
    /// # Errors
    /// [`Error::File`] if a file is refused, [`Error::Records`].
    pub async fn open(
        _records: Records,
        _files: Files<'_>,
        _clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        unimplemented!()
    }

    /// The same with another stopwatch: a replayed day uses one that stands, so that no deadline
    /// depends on the machine.
    pub async fn open_with(
        _records: Records,
        _files: Files<'_>,
        _clock: Arc<dyn Clock>,
        _stopwatch: Arc<dyn Stopwatch>,
    ) -> Result<Self, Error> {
        unimplemented!()
    }

    /// Judges an event and adds it to the windows. Never fails, never waits for I/O.
    ///
    /// The same event again (same kind, order and moment) is counted once.
    pub fn judge(&self, _event: &Event) -> Decision {
        unimplemented!()
    }

    /// Writes a decision in the caller's unit. Again with the same id: the first stays.
    pub async fn record<C: ConnectionTrait>(&self, _txn: &C, _d: &Decision) -> Result<(), Error> {
        unimplemented!()
    }

    /// Writes many decisions in the caller's unit.
    pub async fn record_many<C: ConnectionTrait>(
        &self,
        _txn: &C,
        _decisions: &[Decision],
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// The decision of this id.
    pub async fn decision(&self, _id: DecisionId) -> Result<Option<Decision>, Error> {
        unimplemented!()
    }

    /// The first decision on this order.
    pub async fn decision_of_order(&self, _order: OrderId) -> Result<Option<Decision>, Error> {
        unimplemented!()
    }

    /// The newest decisions before `before` (all if `None`), newest first, of one outcome if named.
    pub async fn recent(
        &self,
        _outcome: Option<Outcome>,
        _before: Option<DecisionId>,
        _limit: u64,
    ) -> Result<Vec<Decision>, Error> {
        unimplemented!()
    }

    /// The decisions of one natural date in numbers.
    pub async fn stats(&self, _date: BusinessDate) -> Result<Stats, Error> {
        unimplemented!()
    }

    /// Puts an entry on a list (replacing the entry on the same value) in a unit of its own, with
    /// a line in the audit log.
    pub async fn list(&self, _entry: ListEntry) -> Result<(), Error> {
        unimplemented!()
    }

    /// Takes an entry off its list; false if there was none.
    pub async fn unlist(
        &self,
        _listed: Listed,
        _value: &str,
        _actor: &str,
        _now: Timestamp,
    ) -> Result<bool, Error> {
        unimplemented!()
    }

    /// The entries in force or expired, in order of element and value, after `after`.
    pub async fn lists(
        &self,
        _after: Option<(Listed, String)>,
        _limit: u64,
    ) -> Result<Vec<ListEntry>, Error> {
        unimplemented!()
    }

    /// Puts other rules in force; those of before stay if a file is refused. Returns the version.
    pub async fn reload(&self, _files: Files<'_>) -> Result<String, Error> {
        unimplemented!()
    }

    /// The content hash of the rules and features in force.
    pub fn version(&self) -> String {
        unimplemented!()
    }
}
