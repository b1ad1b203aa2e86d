//! A hash table keyed by 128-bit ids, the same on every machine and in every run.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by a typed id.
pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// Ids are digests or end in 80 bits of chance already; one folded multiplication (as in wyhash)
/// spreads them over the table at a tenth of the cost of the standard hasher. Ids are made by the
/// house, so nobody outside can choose them to collide.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct IdHasher(u64);

/// Odd numbers without pattern: 2^64 divided by the golden ratio, and wyhash's first secret.
pub(crate) const LOW: u64 = 0x9E37_79B9_7F4A_7C15;
pub(crate) const HIGH: u64 = 0xA076_1D64_78BD_642F;

/// The two halves of a 128-bit number.
pub(crate) fn halves(value: u128) -> (u64, u64) {
    let bytes = value.to_le_bytes();
    let (low, high) = bytes.split_at(8);
    let half = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).unwrap_or_default();
    (half(low), half(high))
}

/// Multiplies and folds the halves of the product together.
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = halves(u128::from(a).wrapping_mul(u128::from(b)));
    low ^ high
}

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = fold(self.0 ^ u64::from(*byte), LOW);
        }
    }

    fn write_u128(&mut self, value: u128) {
        let (low, high) = halves(value);
        self.0 = fold(fold(low ^ LOW, high ^ HIGH), LOW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Ids of one millisecond differ in their low bits only, derived ones everywhere; both must
    /// spread over the buckets (the low bits of the hash) and the tags (its high seven).
    #[test]
    fn ids_spread_over_buckets_and_tags() {
        let hash = |value: u128| {
            let mut hasher = IdHasher::default();
            hasher.write_u128(value);
            hasher.finish()
        };
        for step in [1u128, 1 << 64, 1 << 80, 0x1_0001_0001] {
            let hashes: Vec<u64> = (0..4_096u128).map(|n| hash(n.wrapping_mul(step))).collect();
            let buckets: BTreeSet<u64> = hashes.iter().map(|h| h & 4_095).collect();
            let tags: BTreeSet<u64> = hashes.iter().map(|h| h >> 57).collect();
            assert!(buckets.len() > 2_000, "step {step:x}: {} buckets", buckets.len());
            assert_eq!(tags.len(), 128, "step {step:x}");
        }
    }

    #[test]
    fn a_typed_id_hashes_as_its_bits() {
        let mut map: IdMap<types::AccountId, u8> = IdMap::default();
        map.insert(types::AccountId::from_u128(7), 1);
        assert_eq!(map.get(&types::AccountId::from_u128(7)), Some(&1));
    }
}
