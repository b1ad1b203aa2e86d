//! Five wrong tries lock for a growing time, counted exactly however many tries run at once.
//!
//! A try takes its place before the password is looked at ([`Tries::take`], inside one database
//! unit) and gives it back only by being right ([`Tries::right`]). So a hundred tries at once are
//! five looks and ninety-five refusals, and a crash in between counts as a wrong try.

use serde::{Deserialize, Serialize};
use types::Timestamp;

/// How many tries, and how long each lock lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockPolicy {
    /// Wrong tries until the lock.
    pub tries: u32,
    /// Seconds of the first, second... lock; the last repeats.
    pub lock_seconds: Vec<u32>,
}

impl Default for LockPolicy {
    /// Five tries; ten minutes, an hour, then a day.
    fn default() -> Self {
        Self { tries: 5, lock_seconds: vec![600, 3_600, 86_400] }
    }
}

/// The count of one credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// Tries ever taken.
    pub taken: u64,
    /// The tries up to this one no longer count.
    pub cleared: u64,
    /// Locks in a row.
    pub locks: u32,
    /// Locked until then.
    pub locked_until: Option<Timestamp>,
}

/// One try's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub number: u64,
    /// Tries left if it turns out wrong.
    pub left: u32,
    /// The lock that stands if it turns out wrong and none is left.
    pub locked_until: Option<Timestamp>,
}

/// How a count of tries stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Wrong tries that count; those of a lock that was served do not.
    pub wrong: u64,
    /// The lock that stands, and until when.
    pub locked_until: Option<Timestamp>,
}

impl Tries {
    /// How the count stands; tries that are being looked at count as wrong.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let served = self.locked_until.is_some_and(|until| until <= now);
        if served {
            return Standing::default();
        }
        let wrong = self.taken.saturating_sub(self.cleared);
        Standing { wrong, locked_until: self.locked_until }
    }

    /// Takes a place, or says until when the credential is locked. The last place locks at once.
    pub fn take(&mut self, policy: &LockPolicy, now: Timestamp) -> Result<Place, Timestamp> {
        if let Some(until) = self.locked_until {
            if now < until {
                return Err(until);
            }
            self.locked_until = None;
            self.cleared = self.taken;
        }
        self.taken = self.taken.saturating_add(1);
        let open = self.taken.saturating_sub(self.cleared);
        let left = u64::from(policy.tries).saturating_sub(open);
        if left == 0 {
            self.locked_until = Some(now.plus_seconds(lock_seconds(policy, self.locks)));
            self.locks = self.locks.saturating_add(1);
        }
        Ok(Place {
            number: self.taken,
            left: u32::try_from(left).unwrap_or(u32::MAX),
            locked_until: self.locked_until,
        })
    }

    /// The try was right: it and those before it no longer count. Fewer than the allowed number
    /// can then be open, so a lock that was taken meanwhile falls.
    pub fn right(&mut self, place: Place) {
        if place.number > self.cleared {
            self.cleared = place.number;
            self.locked_until = None;
            self.locks = 0;
        }
    }
}

fn lock_seconds(policy: &LockPolicy, locks: u32) -> i64 {
    let index = usize::try_from(locks).unwrap_or(usize::MAX);
    let seconds = policy.lock_seconds.get(index).or(policy.lock_seconds.last());
    // A policy without any length would never lock.
    seconds.map_or(86_400, |s| i64::from(*s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    #[test]
    fn five_wrong_tries_lock_and_each_lock_is_longer() {
        let (policy, mut tries, mut now) = (LockPolicy::default(), Tries::default(), 0);
        for (lock, seconds) in [600, 3_600, 86_400, 86_400].into_iter().enumerate() {
            for left in [4, 3, 2, 1, 0] {
                let place = tries.take(&policy, at(now)).expect("open");
                assert_eq!(place.left, left, "lock {lock}");
            }
            assert_eq!(tries.take(&policy, at(now + seconds - 1)), Err(at(now + seconds)));
            now += seconds;
        }
    }

    #[test]
    fn how_it_stands_is_told_without_taking_a_place() {
        let (policy, mut tries) = (LockPolicy::default(), Tries::default());
        assert_eq!(tries.standing(at(0)), Standing::default());
        for wrong in 1..=4 {
            tries.take(&policy, at(0)).expect("open");
            assert_eq!(tries.standing(at(0)), Standing { wrong, locked_until: None });
        }
        tries.take(&policy, at(0)).expect("open");
        let locked = Standing { wrong: 5, locked_until: Some(at(600)) };
        assert_eq!(tries.standing(at(599)), locked);
        assert_eq!(tries.standing(at(600)), Standing::default(), "served");
    }

    #[test]
    fn a_right_try_clears_those_before_it_only() {
        let (policy, mut tries) = (LockPolicy::default(), Tries::default());
        let _wrong = tries.take(&policy, at(0)).expect("open");
        let right = tries.take(&policy, at(0)).expect("open");
        let _later = tries.take(&policy, at(0)).expect("open");
        tries.right(right);
        assert_eq!(tries.take(&policy, at(0)).map(|p| p.left), Ok(3));
    }

    #[test]
    fn the_fifth_try_if_right_opens_again() {
        let (policy, mut tries) = (LockPolicy::default(), Tries::default());
        for _ in 0..4 {
            tries.take(&policy, at(0)).expect("open");
        }
        let fifth = tries.take(&policy, at(0)).expect("open");
        // While the fifth is being looked at, a sixth is refused.
        assert_eq!(tries.take(&policy, at(0)), Err(at(600)));
        tries.right(fifth);
        assert_eq!(tries.take(&policy, at(0)).map(|p| p.left), Ok(4));
        assert_eq!(tries.locks, 0);
    }

    #[test]
    fn the_count_is_as_if_the_tries_had_come_one_after_another() {
        let (policy, mut tries) = (LockPolicy::default(), Tries::default());
        let right = tries.take(&policy, at(0)).expect("open");
        for _ in 0..4 {
            tries.take(&policy, at(0)).expect("open");
        }
        tries.right(right);
        assert_eq!(tries.take(&policy, at(0)).map(|p| p.left), Ok(0), "the fifth wrong one");
        assert!(tries.take(&policy, at(0)).is_err());
    }

    #[test]
    fn a_try_from_before_a_served_lock_does_not_open_the_next_one() {
        let (policy, mut tries) = (LockPolicy::default(), Tries::default());
        let old = tries.take(&policy, at(0)).expect("open");
        for _ in 0..4 {
            tries.take(&policy, at(0)).expect("open");
        }
        for _ in 0..5 {
            tries.take(&policy, at(600)).expect("open");
        }
        tries.right(old);
        assert_eq!(tries.take(&policy, at(601)), Err(at(600 + 3_600)));
    }
}
