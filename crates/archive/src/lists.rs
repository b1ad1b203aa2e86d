//! Rising numbers under a key, each with a link: in memory, and as a table of blocks.
//!
//! Block: chunks of (u128 key, varint count, varint first number, varint of its link's zigzag
//! distance from it, then for each further item varint distance of its number, varint zigzag
//! change of the link's distance). A key's items may be spread over many chunks and blocks; the
//! fence has the first number of the block's first chunk.

use crate::Error;
use crate::codec::{Cursor, put_varint, unzigzag, zigzag};
use crate::hash::Salt;
use crate::sink::Sink;
use crate::table::{BLOCK, Block, Key, Scan, Table, TableRef, TableWriter};
use std::collections::{HashMap, VecDeque};
use std::ops::{Bound, Range};

/// One item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Its number; rises within a list.
    pub at: u64,
    /// What it leads to.
    pub to: u64,
}

/// Items of one chunk, so that a block stays small.
const CHUNK: usize = 512;
const BROKEN: &str = "a list is broken";
const NONE: u32 = u32::MAX;

/// New items of one kind of list: each leads back to the one before it of the same key.
#[derive(Debug)]
pub(crate) struct FreshLists {
    last: HashMap<u128, u32, Salt>,
    items: Vec<(Link, u32)>,
}

impl FreshLists {
    pub(crate) fn new() -> Self {
        Self { last: HashMap::with_hasher(Salt::new()), items: Vec::new() }
    }

    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.last.clear();
        self.items.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Appends an item; its number must be above all before it under its key.
    pub(crate) fn put(&mut self, key: u128, item: Link) {
        let place = u32::try_from(self.items.len()).ok().filter(|place| *place != NONE);
        let place = place.expect("lists are frozen long before they hold four thousand million");
        let before = self.last.insert(key, place).unwrap_or(NONE);
        self.items.push((item, before));
    }

    /// The items of a key, the newest first.
    fn newest_first(&self, key: u128) -> impl Iterator<Item = Link> + '_ {
        let mut next = self.last.get(&key).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let (item, before) = self.items.get(index(next))?;
            next = *before;
            Some(*item)
        })
    }

    /// Items above `after`, oldest first, up to `limit` in all in `out`.
    pub(crate) fn above(&self, key: u128, after: Bound<u64>, limit: usize, out: &mut Vec<Link>) {
        let room = limit - out.len();
        let mut oldest = VecDeque::new();
        if room > 0 {
            for item in self.newest_first(key).take_while(|item| is_above(item.at, after)) {
                // However long the list is, no more is kept of it than is asked for.
                if oldest.len() == room {
                    oldest.pop_back();
                }
                oldest.push_front(item);
            }
        }
        out.extend(oldest);
    }

    /// Items below `before`, newest first, up to `limit` in all in `out`.
    pub(crate) fn below(&self, key: u128, before: Bound<u64>, limit: usize, out: &mut Vec<Link>) {
        let found = self.newest_first(key).skip_while(|item| !is_below(item.at, before));
        out.extend(found.take(limit - out.len()));
    }

    /// The newest item of a key.
    pub(crate) fn newest(&self, key: u128) -> Option<Link> {
        self.newest_first(key).next()
    }

    /// All items, those of a key together and in their order, and where each key's are.
    ///
    /// Following each key's items back would wait for memory at every one of them; this walks all
    /// of them in the order they came, twice, so that the waits overlap.
    fn grouped(&self) -> (Vec<(u128, Range<usize>)>, Vec<Link>) {
        let mut groups: Vec<u32> = Vec::with_capacity(self.items.len());
        let mut counts: Vec<usize> = Vec::with_capacity(self.last.len());
        for (_, before) in &self.items {
            let group = groups.get(index(*before)).copied();
            let group = group.unwrap_or_else(|| {
                counts.push(0);
                u32::try_from(counts.len() - 1).unwrap_or(NONE)
            });
            counts[index(group)] += 1;
            groups.push(group);
        }
        let mut ends = Vec::with_capacity(counts.len());
        let mut next = 0;
        for count in &counts {
            ends.push(next);
            next += count;
        }
        let mut sorted = vec![Link { at: 0, to: 0 }; self.items.len()];
        for ((item, _), group) in self.items.iter().zip(&groups) {
            let end = &mut ends[index(*group)];
            sorted[*end] = *item;
            *end += 1;
        }
        let range = |(key, last): (&u128, &u32)| {
            let group = index(groups[index(*last)]);
            (*key, ends[group] - counts[group]..ends[group])
        };
        let mut keys: Vec<_> = self.last.iter().map(range).collect();
        keys.sort_unstable_by_key(|(key, _)| *key);
        (keys, sorted)
    }

    pub(crate) fn write(&self, sink: &mut Sink) -> Result<TableRef, Error> {
        let (keys, items) = self.grouped();
        let mut writer = ListWriter::default();
        for (key, range) in keys {
            writer.items(sink, key, &items[range])?;
        }
        writer.finish(sink)
    }
}

/// A place as one in memory; that of nothing is past every end.
fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn is_above(at: u64, after: Bound<u64>) -> bool {
    match after {
        Bound::Unbounded => true,
        Bound::Excluded(after) => at > after,
        Bound::Included(first) => at >= first,
    }
}

fn is_below(at: u64, before: Bound<u64>) -> bool {
    match before {
        Bound::Unbounded => true,
        Bound::Excluded(before) => at < before,
        Bound::Included(last) => at <= last,
    }
}

/// Writes lists by rising key.
#[derive(Default)]
pub(crate) struct ListWriter {
    table: TableWriter,
    block: Vec<u8>,
    first: Option<Key>,
}

impl ListWriter {
    /// Writes items of a key, behind those of it that were written before.
    pub(crate) fn items(
        &mut self,
        sink: &mut Sink,
        key: u128,
        items: &[Link],
    ) -> Result<(), Error> {
        for chunk in items.chunks(CHUNK) {
            if self.block.len() >= BLOCK {
                self.close(sink)?;
            }
            if let Some(first) = chunk.first() {
                self.first.get_or_insert(Key { id: key, at: first.at });
                encode(&mut self.block, key, chunk);
            }
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink) -> Result<(), Error> {
        if let Some(first) = self.first.take() {
            self.table.block(sink, first, &self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, sink: &mut Sink) -> Result<TableRef, Error> {
        self.close(sink)?;
        self.table.finish(sink)
    }
}

fn encode(out: &mut Vec<u8>, key: u128, chunk: &[Link]) {
    out.extend_from_slice(&key.to_le_bytes());
    put_varint(out, chunk.len() as u64);
    let (mut at, mut distance) = (0u64, 0i64);
    for item in chunk {
        let now = item.to.wrapping_sub(item.at).cast_signed();
        put_varint(out, item.at - at);
        put_varint(out, zigzag(now.wrapping_sub(distance)));
        (at, distance) = (item.at, now);
    }
}

/// The chunks of a block.
fn decode(bytes: &[u8], mut visit: impl FnMut(u128, Vec<Link>)) -> Option<()> {
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        let key = cursor.u128()?;
        let count = cursor.count(2)?;
        let mut items = Vec::with_capacity(count);
        let (mut at, mut distance) = (0u64, 0i64);
        for _ in 0..count {
            at = at.checked_add(cursor.varint()?)?;
            distance = distance.wrapping_add(unzigzag(cursor.varint()?));
            items.push(Link { at, to: at.wrapping_add(distance.cast_unsigned()) });
        }
        visit(key, items);
    }
    Some(())
}

/// The items of a key in a block, and whether the block goes on to a later key.
fn of_key(table: &Table, block: &Block, key: u128) -> Result<(Vec<Link>, bool), Error> {
    let (mut found, mut passed) = (Vec::new(), false);
    decode(&block.bytes, |of, items| {
        if of == key {
            found.extend(items);
        }
        passed |= of > key;
    })
    .ok_or_else(|| table.source().corrupt(0, BROKEN))?;
    Ok((found, passed))
}

/// Items above `after`, oldest first, up to `limit` in all in `out`.
pub(crate) fn above(
    table: &Table,
    key: u128,
    after: Bound<u64>,
    limit: usize,
    out: &mut Vec<Link>,
) -> Result<(), Error> {
    let at = match after {
        Bound::Unbounded => 0,
        Bound::Excluded(at) | Bound::Included(at) => at,
    };
    let mut block = match table.seek(Key { id: key, at })? {
        Some(block) => Some(block),
        None => table.block(0)?,
    };
    while let Some(here) = block.filter(|_| out.len() < limit) {
        let (items, passed) = of_key(table, &here, key)?;
        let more = items.into_iter().filter(|item| is_above(item.at, after));
        out.extend(more.take(limit - out.len()));
        if passed || here.first.id > key {
            break;
        }
        block = table.block(here.number + 1)?;
    }
    Ok(())
}

/// Items below `before`, newest first, up to `limit` in all in `out`.
pub(crate) fn below(
    table: &Table,
    key: u128,
    before: Bound<u64>,
    limit: usize,
    out: &mut Vec<Link>,
) -> Result<(), Error> {
    let at = match before {
        Bound::Unbounded => u64::MAX,
        Bound::Excluded(at) | Bound::Included(at) => at,
    };
    let mut block = table.seek(Key { id: key, at })?;
    while let Some(here) = block.filter(|_| out.len() < limit) {
        let (items, _) = of_key(table, &here, key)?;
        let more = items.into_iter().rev().filter(|item| is_below(item.at, before));
        out.extend(more.take(limit - out.len()));
        if here.first.id < key {
            break;
        }
        let Some(number) = here.number.checked_sub(1) else { break };
        block = table.block(number)?;
    }
    Ok(())
}

/// All lists of a table by rising key, chunk after chunk.
pub(crate) struct ListScan<'a> {
    table: &'a Table,
    scan: Scan<'a>,
    waiting: std::vec::IntoIter<(u128, Vec<Link>)>,
}

impl<'a> ListScan<'a> {
    pub(crate) fn new(table: &'a Table) -> Self {
        Self { table, scan: table.scan(), waiting: Vec::new().into_iter() }
    }

    pub(crate) fn next(&mut self) -> Result<Option<(u128, Vec<Link>)>, Error> {
        while self.waiting.len() == 0 {
            let Some((_, bytes)) = self.scan.next()? else { return Ok(None) };
            let mut chunks = Vec::new();
            decode(&bytes, |key, items| chunks.push((key, items)))
                .ok_or_else(|| self.table.source().corrupt(0, BROKEN))?;
            self.waiting = chunks.into_iter();
        }
        Ok(self.waiting.next())
    }
}
