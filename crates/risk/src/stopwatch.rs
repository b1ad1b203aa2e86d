//! How long judging takes.

use std::time::Instant;

/// Measures how long judging takes. Not the time of day: events bring theirs.
pub trait Stopwatch: Send + Sync {
    /// Microseconds since some fixed moment.
    fn micros(&self) -> u64;
}

/// The machine's own stopwatch.
#[derive(Debug)]
pub(crate) struct Monotonic(pub(crate) Instant);

impl Stopwatch for Monotonic {
    fn micros(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A stopwatch that stands: no deadline ever passes, so that a replayed day does not depend on
/// the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing;

impl Stopwatch for Standing {
    fn micros(&self) -> u64 {
        0
    }
}
