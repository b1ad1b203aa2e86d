//! A circuit breaker: a channel that mostly fails is given a pause, then one trial at a time.

use crate::health::{Health, Outcome};

/// Fewer calls than this in the recent window say nothing.
const LEAST_CALLS: u64 = 20;
/// How long an open circuit lets nothing through, and how long a trial may take, in seconds.
const PAUSE_SECONDS: u64 = 15;

/// Whether new orders may go to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Circuit {
    /// They may.
    #[default]
    Closed,
    /// They may not: more than half of the recent calls failed.
    Open,
    /// The pause is over; one order at a time tries.
    Trial,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Breaker {
    circuit: Circuit,
    /// When it opened, or when the running trial was let through, in seconds.
    since: u64,
}

impl Breaker {
    /// The state as of this second.
    pub(crate) fn circuit(self) -> Circuit {
        self.circuit
    }

    /// Whether a new order may go out; after the pause this lets one trial through.
    pub(crate) fn admit(&mut self, second: u64) -> bool {
        if self.circuit == Circuit::Closed {
            return true;
        }
        // A trial whose order was never sent must not keep the circuit shut for ever.
        if second.saturating_sub(self.since) < PAUSE_SECONDS {
            return false;
        }
        self.circuit = Circuit::Trial;
        self.since = second;
        true
    }

    /// Learns how a call ended; `recent` includes it.
    pub(crate) fn learn(&mut self, second: u64, outcome: Outcome, recent: Health) {
        self.circuit = match (self.circuit, outcome) {
            (Circuit::Trial, Outcome::Answered) => Circuit::Closed,
            (Circuit::Trial, Outcome::Unanswered) => Circuit::Open,
            (Circuit::Closed, Outcome::Unanswered) if mostly_fails(recent) => Circuit::Open,
            (unchanged, _) => {
                self.circuit = unchanged;
                return;
            }
        };
        self.since = second;
    }
}

fn mostly_fails(recent: Health) -> bool {
    recent.calls >= LEAST_CALLS
        && recent.unanswered > recent.calls.saturating_sub(recent.unanswered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(calls: u64, unanswered: u64) -> Health {
        Health { calls, unanswered, ..Health::default() }
    }

    #[test]
    fn opens_only_when_most_of_enough_calls_fail() {
        for (calls, unanswered, circuit) in [
            (19, 19, Circuit::Closed),
            (20, 10, Circuit::Closed),
            (20, 11, Circuit::Open),
            (1_000, 50, Circuit::Closed),
        ] {
            let mut breaker = Breaker::default();
            breaker.learn(0, Outcome::Unanswered, recent(calls, unanswered));
            assert_eq!(breaker.circuit(), circuit, "{calls} {unanswered}");
        }
    }

    #[test]
    fn one_trial_after_the_pause_decides() {
        let mut breaker = Breaker::default();
        breaker.learn(100, Outcome::Unanswered, recent(20, 20));
        assert!(!breaker.admit(114));
        assert!(breaker.admit(115), "the pause is over");
        assert!(!breaker.admit(116), "one trial at a time");
        breaker.learn(117, Outcome::Unanswered, recent(1, 1));
        assert!(!breaker.admit(118), "the trial failed: another pause");
        assert!(breaker.admit(132));
        breaker.learn(133, Outcome::Answered, recent(1, 0));
        assert_eq!(breaker.circuit(), Circuit::Closed);
        assert!(breaker.admit(133) && breaker.admit(133));
    }

    #[test]
    fn a_trial_that_was_never_sent_is_forgotten() {
        let mut breaker = Breaker::default();
        breaker.learn(0, Outcome::Unanswered, recent(20, 20));
        assert!(breaker.admit(15));
        assert!(!breaker.admit(29));
        assert!(breaker.admit(30));
    }
}
