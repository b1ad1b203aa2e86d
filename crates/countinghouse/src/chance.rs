//! The source of chance: the operating system's.

use rand::TryRng;
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
