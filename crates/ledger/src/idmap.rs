//! A hash table keyed by 128-bit ids, the same on every machine and in every run.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by a typed id.
pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// Ids are digests or end in 80 bits of chance already; folding and one multiplication spread
/// them over the table, at a tenth of the cost of the standard hasher.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct IdHasher(u64);

/// 2^64 divided by the golden ratio (Knuth's multiplicative hashing).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0.rotate_left(8) ^ u64::from(*byte)).wrapping_mul(SPREAD);
        }
    }

    fn write_u128(&mut self, value: u128) {
        let low = (value & u128::from(u64::MAX)) as u64;
        let high = (value >> 64) as u64;
        let mixed = (low ^ high.rotate_left(32)).wrapping_mul(SPREAD);
        // The table takes its tag from the top bits and its bucket from the bottom ones.
        self.0 = mixed ^ (mixed >> 32);
    }
}
