//! From a number on, the moment and the place in the log: found by number and by moment.
//!
//! Block: (u64 number, u64 moment, u64 place) ...

use crate::Error;
use crate::codec::Cursor;
use crate::sink::Sink;
use crate::table::{BLOCK, Key, Table, TableRef, TableWriter};

/// What holds from a number on, until the next mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The first number it is about.
    pub seq: u64,
    /// The moment, in a unit of the owner's; rises with the number.
    pub at: u64,
    /// The place in the log, in a form of the owner's.
    pub place: u64,
}

const BYTES: usize = 24;

/// Writes marks in their order.
#[derive(Default)]
pub(crate) struct MarkWriter {
    table: TableWriter,
    block: Vec<u8>,
    first: u64,
}

impl MarkWriter {
    pub(crate) fn mark(&mut self, sink: &mut Sink, mark: Mark) -> Result<(), Error> {
        if self.block.len() + BYTES > BLOCK {
            self.close(sink)?;
        }
        if self.block.is_empty() {
            self.first = mark.seq;
        }
        for part in [mark.seq, mark.at, mark.place] {
            self.block.extend_from_slice(&part.to_le_bytes());
        }
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

pub(crate) fn write(marks: &[Mark], sink: &mut Sink) -> Result<TableRef, Error> {
    let mut writer = MarkWriter::default();
    for mark in marks {
        writer.mark(sink, *mark)?;
    }
    writer.finish(sink)
}

fn decode(table: &Table, bytes: &[u8]) -> Result<Vec<Mark>, Error> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(BYTES) {
        return Err(table.source().corrupt(0, "a block of marks is broken"));
    }
    let mut cursor = Cursor::new(bytes);
    let mut next = || Some(Mark { seq: cursor.u64()?, at: cursor.u64()?, place: cursor.u64()? });
    Ok(std::iter::from_fn(&mut next).collect())
}

/// The mark that holds for a number.
pub(crate) fn of(table: &Table, seq: u64) -> Result<Option<Mark>, Error> {
    let Some(block) = table.seek(Key { id: 0, at: seq })? else { return Ok(None) };
    let marks = decode(table, &block.bytes)?;
    Ok(last_where(&marks, |mark| mark.seq <= seq))
}

pub(crate) fn last_where(marks: &[Mark], holds: impl Fn(&Mark) -> bool) -> Option<Mark> {
    marks.partition_point(holds).checked_sub(1).and_then(|last| marks.get(last).copied())
}

pub(crate) fn first_where_not(marks: &[Mark], holds: impl Fn(&Mark) -> bool) -> Option<Mark> {
    marks.get(marks.partition_point(holds)).copied()
}

/// The first mark behind a moment.
pub(crate) fn after(table: &Table, moment: u64) -> Result<Option<Mark>, Error> {
    let (mut low, mut high) = (0, table.blocks());
    // The first block whose last mark is behind the moment.
    while low < high {
        let middle = u64::midpoint(low, high);
        let Some(block) = table.block(middle)? else { break };
        if decode(table, &block.bytes)?.last().is_some_and(|mark| mark.at <= moment) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let Some(block) = table.block(low)? else { return Ok(None) };
    Ok(first_where_not(&decode(table, &block.bytes)?, |mark| mark.at <= moment))
}

/// Visits every mark.
pub(crate) fn each(
    table: &Table,
    mut visit: impl FnMut(Mark) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut scan = table.scan();
    while let Some((_, bytes)) = scan.next()? {
        decode(table, &bytes)?.into_iter().try_for_each(&mut visit)?;
    }
    Ok(())
}
