//! The real clock and the institution's clock. Nothing else in the house reads the system's time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;
use types::{Clock, Timestamp};

/// The operating system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where real time enters")]
    fn now(&self) -> Timestamp {
        let since =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The clock of a simulated institution: it starts at a moment of the simulated calendar and then
/// runs at the speed of real time; the demo moves it forward as its day is played.
pub struct SimulatedClock {
    base_micros: AtomicI64,
    started: Instant,
}

impl SimulatedClock {
    /// A clock that shows `at` now.
    pub fn starting_at(at: Timestamp) -> Self {
        Self { base_micros: AtomicI64::new(at.as_micros()), started: Instant::now() }
    }

    /// Moves it forward so that it shows at least `at`; it never goes back.
    pub fn advance_to(&self, at: Timestamp) {
        let base = at.as_micros().saturating_sub(self.elapsed_micros());
        self.base_micros.fetch_max(base, Ordering::SeqCst);
    }

    fn elapsed_micros(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.base_micros.load(Ordering::SeqCst))
            .plus_micros(self.elapsed_micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulated_clock_runs_and_never_goes_back() {
        let start = Timestamp::from_millis(1_000_000);
        let clock = SimulatedClock::starting_at(start);
        let first = clock.now();
        assert!(first >= start);
        clock.advance_to(start.plus_seconds(60));
        let moved = clock.now();
        assert!(moved >= start.plus_seconds(60));
        clock.advance_to(start);
        assert!(clock.now() >= moved);
    }
}
