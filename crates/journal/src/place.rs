//! Where in a log something is.

use crate::{Chain, frame};

/// A byte of a log: a segment and an offset in its file. Packs into 52 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The segment's number, from 1; less than 2^24.
    pub segment: u32,
    /// The offset in its file, in bytes; less than 2^28.
    pub offset: u32,
}

/// How many bits an offset takes: no segment is longer than [`crate::MAX_SEGMENT_BYTES`].
const OFFSET_BITS: u32 = 28;

impl Place {
    pub(crate) fn new(segment: u64, offset: u64) -> Self {
        let narrow = |value| u32::try_from(value).unwrap_or(u32::MAX);
        Self { segment: narrow(segment), offset: narrow(offset) }
    }

    /// As one number; in the order of the log.
    pub fn to_bits(self) -> u64 {
        (u64::from(self.segment) << OFFSET_BITS) | u64::from(self.offset)
    }

    /// What [`Place::to_bits`] gave.
    pub fn from_bits(bits: u64) -> Self {
        Self::new(bits >> OFFSET_BITS, bits & ((1 << OFFSET_BITS) - 1))
    }

    /// If this is where a batch is: where its records of these lengths are, as
    /// [`crate::Reader::record`] wants to know it.
    pub fn records(self, lengths: impl IntoIterator<Item = usize>) -> impl Iterator<Item = Self> {
        let mut next = u64::from(self.offset).saturating_add(frame::HEADER as u64);
        lengths.into_iter().map(move |length| {
            let place = Self::new(u64::from(self.segment), next);
            next = next.saturating_add((frame::RECORD_HEADER + length) as u64);
            place
        })
    }
}

/// Where an append landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of the batch; the first is 1.
    pub sequence: u64,
    /// The hash over it and all before it.
    pub chain: Chain,
    /// Where it is; meaningless for a log without a batch.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_packs_and_keeps_its_order() {
        let early = Place { segment: 1, offset: (1 << 28) - 1 };
        let late = Place { segment: 2, offset: 0 };
        assert!(early.to_bits() < late.to_bits() && late.to_bits() < 1 << 52);
        assert_eq!(Place::from_bits(early.to_bits()), early);
    }
}
