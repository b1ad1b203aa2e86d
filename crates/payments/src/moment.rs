//! A call's moment, moving on while the call runs.

use std::time::Instant;
use types::Timestamp;

/// The moment a caller gave, and the time that has passed since. A day that is played at another
/// speed keeps its own moments; steps of one call still show how long they took.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    given: Timestamp,
    started: Instant,
}

impl Moment {
    /// Starts at the caller's moment.
    pub fn new(given: Timestamp) -> Self {
        Self { given, started: Instant::now() }
    }

    /// What the caller gave.
    pub const fn given(&self) -> Timestamp {
        self.given
    }

    /// That, and what has passed since.
    pub fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.given.plus_micros(passed)
    }
}
