//! Blocks in rising order of their first keys, and the two-level index that finds one: the part
//! that all kinds of file have in common. What is in a block is its writer's.
//!
//! ```text
//! block ... block, index block (128 fences) ... , root (one fence an index block)
//! fence: 0 u128 id   16 u64 at   24 u64 offset   32 u32 length
//! ```
//! Each of them is followed by its checksum. Only the root stays in memory.

use crate::Error;
use crate::codec::Cursor;
use crate::sink::{CHECKSUM, Sink, Source};

/// A block is closed once it has this many bytes.
pub(crate) const BLOCK: usize = 4_096;
const FENCES: usize = 128;
const FENCE: usize = 36;
/// A block longer than this is none of ours: a block and one largest row.
const MAX_BLOCK: usize = crate::MAX_ROW_BYTES + 2 * BLOCK;

/// What blocks are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub id: u128,
    pub at: u64,
}

#[derive(Debug, Clone, Copy)]
struct Fence {
    first: Key,
    offset: u64,
    length: u32,
}

impl Fence {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.id.to_le_bytes());
        out.extend_from_slice(&self.first.at.to_le_bytes());
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
    }

    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let first = Key { id: cursor.u128()?, at: cursor.u64()? };
        Some(Self { first, offset: cursor.u64()?, length: cursor.u32()? })
    }

    fn length(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }
}

/// The place of a table in its file, as the file's tail keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TableRef {
    pub root: u64,
    pub root_length: u32,
    pub blocks: u64,
}

impl TableRef {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.root.to_le_bytes());
        out.extend_from_slice(&self.root_length.to_le_bytes());
        out.extend_from_slice(&self.blocks.to_le_bytes());
    }

    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        Some(Self { root: cursor.u64()?, root_length: cursor.u32()?, blocks: cursor.u64()? })
    }
}

/// Writes a table, block after block, into a file that may hold other things before and after.
#[derive(Default)]
pub(crate) struct TableWriter {
    fences: Vec<Fence>,
}

impl TableWriter {
    /// Writes a block whose first key is `first`.
    pub(crate) fn block(&mut self, sink: &mut Sink, first: Key, bytes: &[u8]) -> Result<(), Error> {
        self.fences.push(fence(first, sink.offset(), bytes));
        sink.write_checked(bytes)
    }

    /// Writes the index.
    pub(crate) fn finish(self, sink: &mut Sink) -> Result<TableRef, Error> {
        let mut bytes = Vec::with_capacity(FENCES * FENCE);
        let mut root = Vec::new();
        for group in self.fences.chunks(FENCES) {
            bytes.clear();
            for fence in group {
                fence.put(&mut bytes);
            }
            if let Some(first) = group.first() {
                fence(first.first, sink.offset(), &bytes).put(&mut root);
            }
            sink.write_checked(&bytes)?;
        }
        let place = sink.offset();
        sink.write_checked(&root)?;
        let root_length = u32::try_from(root.len()).unwrap_or(u32::MAX);
        Ok(TableRef { root: place, root_length, blocks: self.fences.len() as u64 })
    }
}

fn fence(first: Key, offset: u64, bytes: &[u8]) -> Fence {
    Fence { first, offset, length: u32::try_from(bytes.len()).unwrap_or(u32::MAX) }
}

/// A table that is read.
pub(crate) struct Table {
    source: Source,
    root: Vec<Fence>,
    blocks: u64,
}

/// A block and its place among all.
pub(crate) struct Block {
    pub number: u64,
    pub first: Key,
    pub bytes: Vec<u8>,
}

impl Table {
    pub(crate) fn open(source: &Source, place: TableRef) -> Result<Self, Error> {
        let length = usize::try_from(place.root_length).unwrap_or(usize::MAX);
        let root = fences(source, place.root, length)?;
        if place.blocks.div_ceil(FENCES as u64) != root.len() as u64 {
            return Err(source.corrupt(place.root, "the index has another length"));
        }
        Ok(Self { source: source.clone(), root, blocks: place.blocks })
    }

    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Whether the first key of all, of those without an id, is at most this.
    pub(crate) fn begins_at_or_before(&self, at: u64) -> bool {
        self.root.first().is_some_and(|fence| fence.first.at <= at)
    }

    fn group(&self, number: usize) -> Result<Vec<Fence>, Error> {
        let Some(fence) = self.root.get(number) else { return Ok(Vec::new()) };
        fences(&self.source, fence.offset, fence.length())
    }

    fn read(&self, number: u64, fence: Fence) -> Result<Block, Error> {
        if fence.length() > MAX_BLOCK {
            return Err(self.source.corrupt(fence.offset, "a block is longer than any"));
        }
        let bytes = self.source.read_checked(fence.offset, fence.length())?;
        Ok(Block { number, first: fence.first, bytes })
    }

    /// The last block whose first key is at most `key`.
    pub(crate) fn seek(&self, key: Key) -> Result<Option<Block>, Error> {
        let after = self.root.partition_point(|fence| fence.first <= key);
        let Some(group) = after.checked_sub(1) else { return Ok(None) };
        let fences = self.group(group)?;
        let after = fences.partition_point(|fence| fence.first <= key);
        let Some(place) = after.checked_sub(1) else { return Ok(None) };
        let number = (group * FENCES + place) as u64;
        fences.get(place).map(|fence| self.read(number, *fence)).transpose()
    }

    /// The block of this number.
    pub(crate) fn block(&self, number: u64) -> Result<Option<Block>, Error> {
        let (group, place) = (number / FENCES as u64, number % FENCES as u64);
        let group = self.group(usize::try_from(group).unwrap_or(usize::MAX))?;
        let fence = usize::try_from(place).ok().and_then(|place| group.get(place));
        fence.map(|fence| self.read(number, *fence)).transpose()
    }

    /// All blocks in order, read in large pieces.
    pub(crate) fn scan(&self) -> Scan<'_> {
        Scan { table: self, group: 0, waiting: Vec::new().into_iter() }
    }
}

fn fences(source: &Source, offset: u64, length: usize) -> Result<Vec<Fence>, Error> {
    if !length.is_multiple_of(FENCE) || length > MAX_BLOCK {
        return Err(source.corrupt(offset, "an index block has a broken fence"));
    }
    let bytes = source.read_checked(offset, length)?;
    let mut cursor = Cursor::new(&bytes);
    Ok(std::iter::from_fn(|| Fence::read(&mut cursor)).collect())
}

/// Walks all blocks of a table.
pub(crate) struct Scan<'a> {
    table: &'a Table,
    group: usize,
    waiting: std::vec::IntoIter<(Key, Vec<u8>)>,
}

impl Scan<'_> {
    /// The first key and the bytes of the next block.
    pub(crate) fn next(&mut self) -> Result<Option<(Key, Vec<u8>)>, Error> {
        if self.waiting.len() == 0 && self.group < self.table.root.len() {
            self.waiting = self.load()?.into_iter();
            self.group += 1;
        }
        Ok(self.waiting.next())
    }

    /// One read for all blocks of an index block: they were written one after another.
    fn load(&self) -> Result<Vec<(Key, Vec<u8>)>, Error> {
        let source = &self.table.source;
        let fences = self.table.group(self.group)?;
        let (Some(first), Some(last)) = (fences.first(), fences.last()) else {
            return Ok(Vec::new());
        };
        let end = last.offset.saturating_add(last.length() as u64 + CHECKSUM as u64);
        let length = end.checked_sub(first.offset).and_then(|l| usize::try_from(l).ok());
        let most = fences.iter().map(|f| f.length() + CHECKSUM).sum::<usize>();
        let Some(length) = length.filter(|length| *length == most) else {
            return Err(source.corrupt(first.offset, "blocks do not follow one another"));
        };
        let bytes = source.read(first.offset, length)?;
        let mut cursor = Cursor::new(&bytes);
        let mut blocks = Vec::with_capacity(fences.len());
        for fence in fences {
            let found = cursor.bytes(fence.length()).zip(cursor.bytes(CHECKSUM));
            let sound =
                |(bytes, crc): &(&[u8], &[u8])| crate::sink::checksum(fence.offset, bytes) == **crc;
            let (bytes, _) = found
                .filter(sound)
                .ok_or_else(|| source.corrupt(fence.offset, "a checksum fails"))?;
            blocks.push((fence.first, bytes.to_vec()));
        }
        Ok(blocks)
    }
}
