//! Hashes of ids.

use std::hash::{BuildHasher, Hasher, RandomState};

const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
const SECOND: u64 = 0xD6E8_FEB8_6659_FD93;

/// A permutation in which every bit of the input moves every bit of the output.
const fn mix(mut x: u64) -> u64 {
    x ^= x >> 32;
    x = x.wrapping_mul(SECOND);
    x ^= x >> 32;
    x = x.wrapping_mul(SECOND);
    x ^ (x >> 32)
}

/// The hash of an id that files are made with: the same on every machine.
pub(crate) const fn of(id: u128) -> u64 {
    salted(id, FIRST)
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn half(value: u128) -> u64 {
    value as u64
}

const fn salted(id: u128, salt: u64) -> u64 {
    let (high, low) = (half(id >> 64), half(id));
    mix(low ^ mix(high ^ salt))
}

/// Hashes ids for tables in memory, differently in every process: ids may come from outside, and
/// nobody shall choose them so that they all fall into one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Salt(u64);

impl Salt {
    pub(crate) fn new() -> Self {
        Self(RandomState::new().hash_one(FIRST))
    }

    pub(crate) const fn hash(self, id: u128) -> u64 {
        salted(id, self.0)
    }
}

impl BuildHasher for Salt {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher { salt: *self, hash: 0 }
    }
}

/// Hashes one number.
#[derive(Debug)]
pub(crate) struct IdHasher {
    salt: Salt,
    hash: u64,
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.hash
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = mix(self.hash ^ u64::from(*byte) ^ self.salt.0);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.hash = self.salt.hash(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_that_differ_little_spread_widely() {
        for step in [1u128, 1 << 64, 1 << 80, 0x1_0001_0001] {
            let hashes: Vec<u64> = (0..4_096u128).map(|n| of(n.wrapping_mul(step))).collect();
            for part in [|h: &u64| h & 4_095, |h: &u64| h >> 52] {
                let places: BTreeSet<u64> = hashes.iter().map(part).collect();
                assert!(places.len() > 2_400, "step {step:x}: {}", places.len());
            }
        }
    }
}
