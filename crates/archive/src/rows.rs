//! Bytes under rising numbers: in memory, and as a table of blocks.
//!
//! Block: (varint distance from the row before, varint length, bytes) ...; the first distance is
//! from the number in the fence, so it is 0.

use crate::Error;
use crate::codec::{Cursor, put_varint};
use crate::sink::Sink;
use crate::table::{BLOCK, Block, Key, Table, TableRef, TableWriter};

/// A row as it is read.
pub(crate) type Row = (u64, Vec<u8>);

const BROKEN: &str = "a row is broken";

/// New rows.
#[derive(Debug, Default)]
pub(crate) struct FreshRows {
    numbers: Vec<u64>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl FreshRows {
    /// Forgets everything, and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.ends.clear();
        self.bytes.clear();
    }

    /// Appends a row; its number must be above all before it.
    pub(crate) fn put(&mut self, number: u64, bytes: &[u8]) {
        debug_assert!(self.numbers.last().is_none_or(|last| *last < number), "rows rise");
        self.numbers.push(number);
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    fn at(&self, place: usize) -> Option<(u64, &[u8])> {
        let start = place.checked_sub(1).and_then(|p| self.ends.get(p)).copied().unwrap_or(0);
        let bytes = self.bytes.get(start..*self.ends.get(place)?)?;
        Some((*self.numbers.get(place)?, bytes))
    }

    pub(crate) fn get(&self, number: u64) -> Option<Vec<u8>> {
        let place = self.numbers.binary_search(&number).ok()?;
        self.at(place).map(|(_, bytes)| bytes.to_vec())
    }

    /// Rows above `after`, up to `limit` of them in all in `out`.
    pub(crate) fn above(&self, after: u64, limit: usize, out: &mut Vec<Row>) {
        let start = self.numbers.partition_point(|number| *number <= after);
        let more = (start..self.len()).filter_map(|place| self.at(place));
        out.extend(more.take(limit - out.len()).map(|(number, bytes)| (number, bytes.to_vec())));
    }

    pub(crate) fn write(&self, sink: &mut Sink) -> Result<TableRef, Error> {
        let mut writer = RowWriter::default();
        for place in 0..self.len() {
            if let Some((number, bytes)) = self.at(place) {
                writer.row(sink, number, bytes)?;
            }
        }
        writer.finish(sink)
    }
}

/// Writes rows in their order.
#[derive(Default)]
pub(crate) struct RowWriter {
    table: TableWriter,
    block: Vec<u8>,
    first: u64,
    last: u64,
}

impl RowWriter {
    pub(crate) fn row(&mut self, sink: &mut Sink, number: u64, bytes: &[u8]) -> Result<(), Error> {
        if self.block.len() >= BLOCK {
            self.close(sink)?;
        }
        if self.block.is_empty() {
            (self.first, self.last) = (number, number);
        }
        put_varint(&mut self.block, number - self.last);
        put_varint(&mut self.block, bytes.len() as u64);
        self.block.extend_from_slice(bytes);
        self.last = number;
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink) -> Result<(), Error> {
        if !self.block.is_empty() {
            self.table.block(sink, Key { id: 0, at: self.first }, &self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, sink: &mut Sink) -> Result<TableRef, Error> {
        self.close(sink)?;
        self.table.finish(sink)
    }
}

/// Calls `visit` for the rows of a block until it says stop; `None` if the block is broken.
fn walk<'b>(
    bytes: &'b [u8],
    first: u64,
    mut visit: impl FnMut(u64, &'b [u8]) -> bool,
) -> Option<()> {
    let mut cursor = Cursor::new(bytes);
    let mut number = first;
    while !cursor.is_empty() {
        number = number.checked_add(cursor.varint()?)?;
        let length = usize::try_from(cursor.varint()?).ok()?;
        if !visit(number, cursor.bytes(length)?) {
            break;
        }
    }
    Some(())
}

fn walk_block<'b>(
    table: &Table,
    block: &'b Block,
    visit: impl FnMut(u64, &'b [u8]) -> bool,
) -> Result<(), Error> {
    walk(&block.bytes, block.first.at, visit).ok_or_else(|| table.source().corrupt(0, BROKEN))
}

/// The row of this number.
pub(crate) fn get(table: &Table, number: u64) -> Result<Option<Vec<u8>>, Error> {
    let Some(block) = table.seek(Key { id: 0, at: number })? else { return Ok(None) };
    let mut found = None;
    walk_block(table, &block, |at, bytes| {
        if at == number {
            found = Some(bytes.to_vec());
        }
        at < number
    })?;
    Ok(found)
}

/// Rows above `after`, up to `limit` of them in all in `out`.
pub(crate) fn above(
    table: &Table,
    after: u64,
    limit: usize,
    out: &mut Vec<Row>,
) -> Result<(), Error> {
    let mut block = match table.seek(Key { id: 0, at: after })? {
        Some(block) => Some(block),
        None => table.block(0)?,
    };
    while let Some(here) = block.filter(|_| out.len() < limit) {
        walk_block(table, &here, |number, bytes| {
            if number > after {
                out.push((number, bytes.to_vec()));
            }
            out.len() < limit
        })?;
        block = table.block(here.number + 1)?;
    }
    Ok(())
}

/// Visits every row of a table in its order.
pub(crate) fn each(
    table: &Table,
    mut visit: impl FnMut(u64, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut scan = table.scan();
    while let Some((first, bytes)) = scan.next()? {
        let mut result = Ok(());
        let whole = walk(&bytes, first.at, |number, row| {
            result = visit(number, row);
            result.is_ok()
        });
        result?;
        whole.ok_or_else(|| table.source().corrupt(0, BROKEN))?;
    }
    Ok(())
}
