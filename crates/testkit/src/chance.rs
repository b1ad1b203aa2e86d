//! Chance that repeats: the same seed gives the same bytes.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::{Mutex, PoisonError};
use types::Random;

/// A seeded [`Random`]; print the seed when a test fails, and the run can be repeated.
#[derive(Debug)]
pub struct SeededRandom(Mutex<ChaCha12Rng>);

impl SeededRandom {
    /// The generator of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }

    /// A number below `bound` (0 if `bound` is 0); even enough for tests.
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }

    /// True once in `times`, on the average.
    pub fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of `choices`; `None` if there is none.
    pub fn pick<'c, T>(&self, choices: &'c [T]) -> Option<&'c T> {
        let index = self.below(choices.len() as u64);
        choices.get(usize::try_from(index).unwrap_or(0))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_another_seed_does_not() {
        let draw = |seed| {
            let random = SeededRandom::new(seed);
            (0..8).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(SeededRandom::new(1).below(0), 0);
        assert_eq!(SeededRandom::new(1).pick::<u8>(&[]), None);
    }
}
