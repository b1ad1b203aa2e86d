//! The sources of chance: the operating system's, and a seeded one for simulated institutions.

use rand::TryRng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::sync::{Mutex, PoisonError};
use types::Random;

/// The operating system's generator. It does not fail on a running system; if it ever does, the
/// process ends rather than make a guessable key.
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::expect_used, reason = "a guessable key is worse than no process")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rngs::SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    }
}

/// Chance that follows from a seed, and is no secret to anybody who knows it.
pub struct SeededRandom(Mutex<ChaCha20Rng>);

impl SeededRandom {
    /// The chance of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
