//! How a channel did in the last minutes: counts and latencies in memory, in slots of ten seconds.

use std::time::Duration;

/// Seconds in a slot.
const SLOT_SECONDS: u64 = 10;
/// How many slots are kept: five minutes.
const SLOTS: usize = 30;

/// How one call ended, as far as the channel's health is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The channel answered, whatever it said.
    Answered,
    /// It did not: time-out, 5xx, broken connection, nonsense.
    Unanswered,
}

/// What is known of a channel's last minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Calls that ended.
    pub calls: u64,
    /// Of those, the ones that got no usable answer.
    pub unanswered: u64,
    /// Mean latency, in microseconds.
    pub mean_micros: u64,
    /// The longest latency, in microseconds.
    pub max_micros: u64,
}

impl Health {
    /// Answered calls in parts per million; a channel that nobody called is taken for healthy.
    pub fn success_ppm(&self) -> u32 {
        let answered = self.calls.saturating_sub(self.unanswered);
        let ppm = answered.saturating_mul(1_000_000).checked_div(self.calls).unwrap_or(1_000_000);
        u32::try_from(ppm).unwrap_or(1_000_000)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    number: u64,
    calls: u64,
    unanswered: u64,
    micros: u64,
    max_micros: u64,
}

/// A ring of slots. Time is seconds since the room was opened, handed in.
#[derive(Debug)]
pub(crate) struct Window([Slot; SLOTS]);

impl Window {
    pub(crate) fn new() -> Self {
        Self([Slot::default(); SLOTS])
    }

    /// Counts one ended call.
    pub(crate) fn count(&mut self, second: u64, outcome: Outcome, latency: Duration) {
        let number = slot_number(second);
        let index = usize::try_from(number).unwrap_or_default() % SLOTS;
        let Some(slot) = self.0.get_mut(index) else { return };
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        slot.calls = slot.calls.saturating_add(1);
        slot.unanswered = slot.unanswered.saturating_add(u64::from(outcome == Outcome::Unanswered));
        slot.micros = slot.micros.saturating_add(micros);
        slot.max_micros = slot.max_micros.max(micros);
    }

    /// The last five minutes.
    pub(crate) fn health(&self, second: u64) -> Health {
        self.last(second, u64::try_from(SLOTS).unwrap_or(u64::MAX))
    }

    /// The running slot and the one before it: ten to twenty seconds.
    pub(crate) fn recent(&self, second: u64) -> Health {
        self.last(second, 2)
    }

    fn last(&self, second: u64, slots: u64) -> Health {
        let newest = slot_number(second);
        let mut health = Health::default();
        let mut micros = 0u64;
        for slot in &self.0 {
            if slot.number <= newest && newest.saturating_sub(slot.number) < slots {
                health.calls = health.calls.saturating_add(slot.calls);
                health.unanswered = health.unanswered.saturating_add(slot.unanswered);
                health.max_micros = health.max_micros.max(slot.max_micros);
                micros = micros.saturating_add(slot.micros);
            }
        }
        health.mean_micros = micros.checked_div(health.calls).unwrap_or_default();
        health
    }
}

/// Slots are numbered from 1, so that an unused slot (0) never passes for a used one.
fn slot_number(second: u64) -> u64 {
    second.checked_div(SLOT_SECONDS).unwrap_or_default().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn old_slots_leave_the_window() {
        let mut window = Window::new();
        window.count(0, Outcome::Answered, MILLI);
        window.count(0, Outcome::Unanswered, MILLI * 3);
        window.count(15, Outcome::Answered, MILLI * 2);
        let health = window.health(15);
        assert_eq!((health.calls, health.unanswered), (3, 1));
        assert_eq!((health.mean_micros, health.max_micros), (2_000, 3_000));
        assert_eq!(health.success_ppm(), 666_666);
        assert_eq!(window.recent(25).calls, 1, "the slot of second 0 is no longer recent");
        assert_eq!(window.health(299).calls, 3);
        assert_eq!(window.health(300).calls, 1, "the slot of second 0 is five minutes old");
        window.count(300, Outcome::Answered, MILLI);
        assert_eq!(window.health(300).calls, 2, "its place in the ring was cleared before reuse");
    }

    #[test]
    fn nobody_called_is_healthy() {
        assert_eq!(Window::new().health(0).success_ppm(), 1_000_000);
    }
}
