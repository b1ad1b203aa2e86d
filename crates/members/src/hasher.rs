//! Payment passwords at rest: keyed HMAC-SHA256 (pepper), then Argon2id with a salt of its own.
//!
//! Six digits are a million guesses: what protects them at rest is the pepper, which is not in the
//! database; Argon2id is for the day the pepper is lost as well. Hashing runs off the async
//! threads, at most one a core, so that a burst of payments queues instead of taking every core's
//! memory bandwidth.

use crate::error::Error;
use crate::wire::hmac;
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::Mac;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use types::UserId;
use zeroize::Zeroizing;

/// What one hash costs (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    /// OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// A password as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) salt: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) cost: HashCost,
}

/// Hashes and compares.
pub(crate) struct Hasher {
    pepper: Zeroizing<[u8; 32]>,
    cost: HashCost,
    cores: Arc<Semaphore>,
}

impl Hasher {
    /// # Errors
    /// [`Error::Invalid`] if Argon2 does not know such a cost.
    pub(crate) fn new(pepper: &[u8; 32], cost: HashCost) -> Result<Self, Error> {
        params(cost)?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let pepper = Zeroizing::new(*pepper);
        Ok(Self { pepper, cost, cores: Arc::new(Semaphore::new(cores)) })
    }

    /// Hashes a new password under this salt.
    pub(crate) async fn make(
        &self,
        user: UserId,
        password: &[u8],
        salt: [u8; 16],
    ) -> Result<Stored, Error> {
        let hash = self.hash(user, password, salt.to_vec(), self.cost).await?;
        Ok(Stored { salt: salt.to_vec(), hash: hash.to_vec(), cost: self.cost })
    }

    /// Whether this is the password, at the cost it was stored with; constant-time.
    pub(crate) async fn matches(
        &self,
        user: UserId,
        password: &[u8],
        stored: &Stored,
    ) -> Result<bool, Error> {
        let hash = self.hash(user, password, stored.salt.clone(), stored.cost).await?;
        Ok(hash.as_slice().ct_eq(&stored.hash).into())
    }

    async fn hash(
        &self,
        user: UserId,
        password: &[u8],
        salt: Vec<u8>,
        cost: HashCost,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        // The user's id is in the keyed hash: a row copied to another user verifies nothing there.
        let mut mac = hmac(&self.pepper);
        mac.update(&user.as_u128().to_be_bytes());
        mac.update(password);
        let keyed = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        let cores = Arc::clone(&self.cores);
        let permit = cores.acquire_owned().await.map_err(|e| Error::fault("hasher", &e))?;
        let work = move || {
            let _permit = permit;
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(cost)?);
            let mut out = Zeroizing::new([0; 32]);
            argon
                .hash_password_into(keyed.as_slice(), &salt, out.as_mut_slice())
                .map_err(|e| Error::fault("argon2", &e))?;
            Ok(out)
        };
        tokio::task::spawn_blocking(work).await.map_err(|e| Error::fault("hasher", &e))?
    }
}

fn params(cost: HashCost) -> Result<Params, Error> {
    Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|e| {
        Error::invalid(
            "password_hash",
            "hash_cost_invalid",
            format!("Argon2 refuses this cost: {e}"),
            format!("口令哈希参数无效：{e}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

    #[tokio::test]
    async fn only_the_same_password_user_and_pepper_match() {
        let hasher = Hasher::new(&[1; 32], CHEAP).expect("valid cost");
        let other_pepper = Hasher::new(&[2; 32], CHEAP).expect("valid cost");
        let (user, other) = (UserId::from_u128(1), UserId::from_u128(2));
        let stored = hasher.make(user, b"830592", [9; 16]).await.expect("hashed");
        assert!(hasher.matches(user, b"830592", &stored).await.expect("hashed"));
        assert!(!hasher.matches(user, b"830593", &stored).await.expect("hashed"));
        assert!(!hasher.matches(user, b"", &stored).await.expect("hashed"));
        assert!(!hasher.matches(other, b"830592", &stored).await.expect("hashed"));
        assert!(!other_pepper.matches(user, b"830592", &stored).await.expect("hashed"));
    }

    #[tokio::test]
    async fn what_was_stored_at_another_cost_still_matches() {
        let cheap = Hasher::new(&[1; 32], CHEAP).expect("valid cost");
        let dearer = HashCost { memory_kib: 64, passes: 2, lanes: 1 };
        let dear = Hasher::new(&[1; 32], dearer).expect("valid cost");
        let user = UserId::from_u128(1);
        let stored = cheap.make(user, b"830592", [9; 16]).await.expect("hashed");
        assert!(dear.matches(user, b"830592", &stored).await.expect("hashed"));
    }

    #[test]
    fn a_cost_that_argon2_does_not_know_is_refused() {
        for cost in [
            HashCost { memory_kib: 7, passes: 1, lanes: 1 },
            HashCost { memory_kib: 8, passes: 0, lanes: 1 },
            HashCost { memory_kib: 8, passes: 1, lanes: 0 },
        ] {
            assert!(Hasher::new(&[1; 32], cost).is_err(), "{cost:?}");
        }
    }
}
