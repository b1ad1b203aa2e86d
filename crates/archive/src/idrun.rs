//! A sorted run of ids on disk: blocks of entries, a filter, a tail.
//!
//! Block: (u128 id, big-endian, so that the order is that of the bytes; u64 value) ...

use crate::codec::Cursor;
use crate::filter::{Filter, FilterBuilder, FilterRef};
use crate::sink::{Sink, Source};
use crate::table::{BLOCK, Key, Scan, Table, TableRef, TableWriter};
use crate::tail::{self, Kind};
use crate::{Error, hash};
use journal::Files;
use std::path::Path;

const ENTRY: usize = 24;
const BROKEN: &str = "a block of ids is broken";

/// `0000000007.ids`.
pub(crate) fn name(number: u64) -> String {
    format!("{number:010}.ids")
}

/// Writes entries that come by rising id.
pub(crate) struct IdWriter {
    sink: Sink,
    table: TableWriter,
    filter: FilterBuilder,
    block: Vec<u8>,
    first: u128,
    last: u128,
    least: u128,
    count: u64,
}

impl IdWriter {
    /// A run of at most `most` entries.
    pub(crate) fn create(
        files: &dyn Files,
        dir: &Path,
        number: u64,
        most: u64,
    ) -> Result<Self, Error> {
        Ok(Self {
            sink: Sink::create(files, dir.join(name(number)))?,
            table: TableWriter::default(),
            filter: FilterBuilder::new(most),
            block: Vec::with_capacity(BLOCK),
            first: 0,
            last: 0,
            least: 0,
            count: 0,
        })
    }

    pub(crate) fn entry(&mut self, id: u128, value: u64) -> Result<(), Error> {
        if self.block.len() + ENTRY > BLOCK {
            self.close()?;
        }
        if self.block.is_empty() {
            self.first = id;
        }
        if self.count == 0 {
            self.least = id;
        }
        self.block.extend_from_slice(&id.to_be_bytes());
        self.block.extend_from_slice(&value.to_le_bytes());
        self.filter.insert(hash::of(id));
        self.last = id;
        self.count += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        if !self.block.is_empty() {
            let first = Key { id: self.first, at: 0 };
            self.table.block(&mut self.sink, first, &self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    /// Returns the number of entries once the file is on the disk.
    pub(crate) fn finish(mut self, number: u64) -> Result<u64, Error> {
        self.close()?;
        let table = self.table.finish(&mut self.sink)?;
        let filter = self.filter.write(&mut self.sink)?;
        let mut fields = Vec::new();
        table.put(&mut fields);
        for part in [filter.offset, filter.lines, self.count] {
            fields.extend_from_slice(&part.to_le_bytes());
        }
        fields.extend_from_slice(&self.least.to_le_bytes());
        fields.extend_from_slice(&self.last.to_le_bytes());
        tail::write(&mut self.sink, Kind::Ids, number, &fields)?;
        self.sink.finish()?;
        Ok(self.count)
    }
}

/// A run that is read.
pub(crate) struct IdRun {
    pub(crate) number: u64,
    pub(crate) count: u64,
    table: Table,
    filter: Filter,
    least: u128,
    greatest: u128,
}

impl IdRun {
    /// Opens a run, its filter in memory if that takes at most `filter_bytes`.
    pub(crate) fn open(
        files: &dyn Files,
        dir: &Path,
        number: u64,
        filter_bytes: u64,
    ) -> Result<Self, Error> {
        let source = Source::open(files, &dir.join(name(number)))?;
        let fields = tail::read(&source, Kind::Ids, number)?;
        let bad = || source.corrupt(source.length(), "its tail is of another form");
        let (table, filter, count, least, greatest) = parse(&fields).ok_or_else(bad)?;
        let table = Table::open(&source, table)?;
        let filter = Filter::open(&source, filter, filter.bytes() <= filter_bytes)?;
        Ok(Self { number, count, table, filter, least, greatest })
    }

    /// How many bytes of memory its filter takes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.filter.resident_bytes()
    }

    /// The places of the ids that may be here, in place of what `likely` holds.
    pub(crate) fn likely(
        &self,
        ids: &[u128],
        hashes: &[u64],
        likely: &mut Vec<usize>,
    ) -> Result<(), Error> {
        likely.clear();
        self.filter.likely(hashes, likely)?;
        likely.retain(|place| {
            ids.get(*place).is_some_and(|id| (self.least..=self.greatest).contains(id))
        });
        Ok(())
    }

    /// The value of an id, from its block.
    pub(crate) fn get(&self, id: u128) -> Result<Option<u64>, Error> {
        let Some(block) = self.table.seek(Key { id, at: 0 })? else { return Ok(None) };
        let entries = entries(&self.table, &block.bytes)?;
        let place = entries.partition_point(|entry| entry[..16] < id.to_be_bytes()[..]);
        let found = entries.get(place).map(decode).filter(|(found, _)| *found == id);
        Ok(found.map(|(_, value)| value))
    }

    /// All entries by id.
    pub(crate) fn scan(&self) -> IdScan<'_> {
        IdScan { table: &self.table, scan: self.table.scan(), waiting: Vec::new().into_iter() }
    }
}

fn parse(fields: &[u8]) -> Option<(TableRef, FilterRef, u64, u128, u128)> {
    let mut cursor = Cursor::new(fields);
    let table = TableRef::read(&mut cursor)?;
    let filter = FilterRef { offset: cursor.u64()?, lines: cursor.u64()? };
    let parts = (table, filter, cursor.u64()?, cursor.u128()?, cursor.u128()?);
    (cursor.is_empty() && filter.lines > 0).then_some(parts)
}

fn entries<'b>(table: &Table, bytes: &'b [u8]) -> Result<&'b [[u8; ENTRY]], Error> {
    match bytes.as_chunks::<ENTRY>() {
        (entries, []) => Ok(entries),
        _ => Err(table.source().corrupt(0, BROKEN)),
    }
}

fn decode(entry: &[u8; ENTRY]) -> (u128, u64) {
    let (mut id, mut value) = ([0; 16], [0; 8]);
    id.copy_from_slice(&entry[..16]);
    value.copy_from_slice(&entry[16..]);
    (u128::from_be_bytes(id), u64::from_le_bytes(value))
}

/// Walks a run by rising id.
pub(crate) struct IdScan<'a> {
    table: &'a Table,
    scan: Scan<'a>,
    waiting: std::vec::IntoIter<(u128, u64)>,
}

impl IdScan<'_> {
    pub(crate) fn next(&mut self) -> Result<Option<(u128, u64)>, Error> {
        while self.waiting.len() == 0 {
            let Some((_, bytes)) = self.scan.next()? else { return Ok(None) };
            let all: Vec<_> = entries(self.table, &bytes)?.iter().map(decode).collect();
            self.waiting = all.into_iter();
        }
        Ok(self.waiting.next())
    }
}
