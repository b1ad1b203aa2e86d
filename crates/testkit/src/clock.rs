//! Clocks for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use types::{Clock, ManualClock, Timestamp};

/// The moment that an RFC 3339 text names.
///
/// # Panics
/// If the text names none: a mistake in the test.
pub fn moment(text: &str) -> Timestamp {
    match Timestamp::parse(text) {
        Ok(at) => at,
        Err(error) => panic!("{error}"),
    }
}

/// A clock that stands at this moment until it is moved; see [`moment`].
pub fn clock_at(text: &str) -> Arc<ManualClock> {
    Arc::new(ManualClock::new(moment(text)))
}

/// A clock that moves on by a fixed step whenever it is read.
#[derive(Debug)]
pub struct TickingClock {
    next: AtomicI64,
    step: i64,
}

impl TickingClock {
    /// First shows `start`, then `step_micros` more at each look.
    pub fn new(start: Timestamp, step_micros: i64) -> Self {
        Self { next: AtomicI64::new(start.as_micros()), step: step_micros }
    }
}

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.next.fetch_add(self.step, Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticking_clock_moves_by_its_step() {
        let clock = TickingClock::new(moment("2026-10-12T00:00:00+08:00"), 5);
        let first = clock.now();
        assert_eq!(clock.now(), first.plus_micros(5));
    }
}
