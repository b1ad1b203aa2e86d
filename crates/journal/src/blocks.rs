//! A buffer that begins at a block's bound in memory, as writes past the cache demand.

use crate::BLOCK;

/// Bytes to be written, with room kept between uses.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    bytes: Vec<u8>,
    /// Where the aligned part begins.
    start: usize,
}

impl Blocks {
    /// As many zeros, a multiple of [`BLOCK`].
    pub(crate) fn zeros(length: usize) -> Self {
        let mut blocks = Self::default();
        blocks.begin(&[], length);
        blocks.bytes.resize(blocks.start + length, 0);
        blocks
    }

    /// Begins anew with these bytes; up to `room` more may follow.
    pub(crate) fn begin(&mut self, first: &[u8], room: usize) {
        self.bytes.clear();
        // Nothing may move the bytes from here on: all the room is claimed at once.
        self.bytes.reserve(BLOCK + first.len() + room + BLOCK);
        self.start = self.bytes.as_ptr().align_offset(BLOCK);
        self.bytes.resize(self.start, 0);
        self.bytes.extend_from_slice(first);
    }

    /// Where what follows is appended.
    pub(crate) fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What was put in.
    pub(crate) fn content(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Fills the last block up with zeros and gives whole blocks.
    pub(crate) fn whole(&mut self) -> &[u8] {
        let length = (self.bytes.len() - self.start).next_multiple_of(BLOCK);
        self.bytes.resize(self.start + length, 0);
        self.content()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_stays_aligned_while_it_grows_within_its_room() {
        let mut blocks = Blocks::default();
        for room in [1, 4_095, 4_096, 70_000] {
            blocks.begin(b"first", room);
            blocks.end().extend(std::iter::repeat_n(7, room));
            assert_eq!(blocks.content().len(), 5 + room);
            let whole = blocks.whole();
            assert_eq!((whole.as_ptr().align_offset(BLOCK), whole.len() % BLOCK), (0, 0));
            assert!(whole.starts_with(b"first") && whole[5 + room..].iter().all(|b| *b == 0));
        }
    }
}
