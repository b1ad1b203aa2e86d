//! Says of most ids that are not in a run that they are not there, from one cache line.
//!
//! A blocked Bloom filter: an id's hash names one line of 512 bits and one bit in each of its
//! eight words. At 16 bits an id about one absent id in a thousand is let through.

use crate::Error;
use crate::sink::{CHECKSUM, Sink, Source};

const BITS_AN_ID: u64 = 16;
const LINE_BITS: u64 = 512;
const LINE_BYTES: usize = 64;
const PAGE_LINES: usize = 64;
const PAGE: usize = PAGE_LINES * LINE_BYTES;

/// One cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(crate) struct Line([u64; 8]);

impl Line {
    /// The low 48 bits of the hash are eight places in words of 64 bits.
    fn set(&mut self, hash: u64) {
        for (place, word) in self.0.iter_mut().enumerate() {
            *word |= 1 << ((hash >> (6 * place)) & 63);
        }
    }

    /// The first half of the words decides nearly always, without a branch that could be
    /// mispredicted in between.
    fn may_hold(&self, hash: u64) -> bool {
        let bit = |place: usize| self.0[place] >> ((hash >> (6 * place)) & 63);
        bit(0) & bit(1) & bit(2) & bit(3) & 1 == 1 && bit(4) & bit(5) & bit(6) & bit(7) & 1 == 1
    }

    fn read(bytes: &[u8]) -> Self {
        let mut line = Self::default();
        for (word, bytes) in line.0.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        line
    }
}

/// The line of a hash among `lines`: by its high bits, multiplied, so that no division is needed.
fn line_of(hash: u64, lines: u64) -> usize {
    let spread = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    usize::try_from((spread * lines) >> 32).unwrap_or(usize::MAX)
}

/// Where a filter stands in its file, as the file's tail keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FilterRef {
    pub offset: u64,
    pub lines: u64,
}

impl FilterRef {
    /// How many bytes of memory its lines take; a line is far below 2^58 of them.
    pub(crate) fn bytes(self) -> u64 {
        self.lines.saturating_mul(LINE_BYTES as u64)
    }
}

/// How many lines a filter for this many ids has; at most 2^32.
pub(crate) fn lines_for(ids: u64) -> u64 {
    ids.saturating_mul(BITS_AN_ID).div_ceil(LINE_BITS).clamp(1, 1 << 32)
}

/// A filter that is filled.
pub(crate) struct FilterBuilder {
    lines: Vec<Line>,
}

impl FilterBuilder {
    pub(crate) fn new(ids: u64) -> Self {
        let lines = usize::try_from(lines_for(ids)).unwrap_or(usize::MAX);
        Self { lines: vec![Line::default(); lines] }
    }

    pub(crate) fn insert(&mut self, hash: u64) {
        let place = line_of(hash, self.lines.len() as u64);
        if let Some(line) = self.lines.get_mut(place) {
            line.set(hash);
        }
    }

    /// Writes it in pages, each with its checksum.
    pub(crate) fn write(&self, sink: &mut Sink) -> Result<FilterRef, Error> {
        let offset = sink.offset();
        let mut page = Vec::with_capacity(PAGE);
        for lines in self.lines.chunks(PAGE_LINES) {
            page.clear();
            for word in lines.iter().flat_map(|line| line.0) {
                page.extend_from_slice(&word.to_le_bytes());
            }
            sink.write_checked(&page)?;
        }
        Ok(FilterRef { offset, lines: self.lines.len() as u64 })
    }
}

/// A filter that is asked.
pub(crate) enum Filter {
    /// All of it in memory.
    Resident(Vec<Line>),
    /// Too large for that: one page is read for each question.
    InFile { source: Source, place: FilterRef },
}

impl Filter {
    pub(crate) fn open(source: &Source, place: FilterRef, resident: bool) -> Result<Self, Error> {
        let in_file = Self::InFile { source: source.clone(), place };
        if !resident {
            return Ok(in_file);
        }
        if place.bytes() > source.length() {
            return Err(source.corrupt(place.offset, "the filter is longer than its file"));
        }
        let mut lines = Vec::with_capacity(usize::try_from(place.lines).unwrap_or(0));
        let pages = place.lines.div_ceil(PAGE_LINES as u64);
        for page in 0..pages {
            let bytes = read_page(source, place, page)?;
            lines.extend(bytes.chunks_exact(LINE_BYTES).map(Line::read));
        }
        Ok(Self::Resident(lines))
    }

    /// How many bytes of memory it takes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        match self {
            Self::Resident(lines) => (lines.len() * LINE_BYTES) as u64,
            Self::InFile { .. } => 0,
        }
    }

    /// Appends the places of the hashes that are let through.
    pub(crate) fn likely(&self, hashes: &[u64], likely: &mut Vec<usize>) -> Result<(), Error> {
        if let Self::Resident(lines) = self {
            let count = lines.len() as u64;
            for (place, hash) in hashes.iter().enumerate() {
                if lines.get(line_of(*hash, count)).is_none_or(|line| line.may_hold(*hash)) {
                    likely.push(place);
                }
            }
            return Ok(());
        }
        for (place, hash) in hashes.iter().enumerate() {
            if self.may_hold(*hash)? {
                likely.push(place);
            }
        }
        Ok(())
    }

    /// False if the id of this hash is not there.
    pub(crate) fn may_hold(&self, hash: u64) -> Result<bool, Error> {
        match self {
            Self::Resident(lines) => Ok(lines
                .get(line_of(hash, lines.len() as u64))
                .is_none_or(|line| line.may_hold(hash))),
            Self::InFile { source, place } => {
                let line = line_of(hash, place.lines);
                let bytes = read_page(source, *place, (line / PAGE_LINES) as u64)?;
                let start = line % PAGE_LINES * LINE_BYTES;
                let line = bytes.get(start..start + LINE_BYTES);
                Ok(line.is_none_or(|bytes| Line::read(bytes).may_hold(hash)))
            }
        }
    }
}

fn read_page(source: &Source, place: FilterRef, page: u64) -> Result<Vec<u8>, Error> {
    let lines = place.lines.saturating_sub(page * PAGE_LINES as u64).min(PAGE_LINES as u64);
    let offset = place.offset.saturating_add(page.saturating_mul((PAGE + CHECKSUM) as u64));
    source.read_checked(offset, usize::try_from(lines).unwrap_or(0) * LINE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    #[test]
    fn what_is_in_is_never_denied_and_what_is_not_nearly_always() {
        const IDS: u64 = 50_000;
        let mut filter = FilterBuilder::new(IDS);
        let id = |n: u64| u128::from(n).wrapping_mul(0x1234_5678_9abc_def1_0000_0001);
        (0..IDS).for_each(|n| filter.insert(hash::of(id(n))));

        let filter = Filter::Resident(filter.lines);
        assert!((0..IDS).all(|n| filter.may_hold(hash::of(id(n))).expect("in memory")));
        let through = (IDS..11 * IDS)
            .filter(|n| filter.may_hold(hash::of(id(*n))).expect("in memory"))
            .count();
        assert!(through < 1_500, "{through} of 500,000 let through");
    }
}
