//! A stretch of time on disk: rows, marks and lists.

use crate::codec::Cursor;
use crate::fresh::Fresh;
use crate::sink::{Sink, Source};
use crate::table::{Table, TableRef};
use crate::tail::{self, Kind};
use crate::{Error, marks};
use journal::Files;
use std::path::Path;

/// `0000000008.vol`.
pub(crate) fn name(number: u64) -> String {
    format!("{number:010}.vol")
}

/// What a volume's tail says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Contents {
    /// How many things it took to write: what merging goes by.
    pub weight: u64,
    pub rows: TableRef,
    pub marks: TableRef,
    pub lists: Vec<TableRef>,
}

impl Contents {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.weight.to_le_bytes().to_vec();
        self.rows.put(&mut out);
        self.marks.put(&mut out);
        self.lists.iter().for_each(|list| list.put(&mut out));
        out
    }

    fn parse(fields: &[u8], lists: u8) -> Option<Self> {
        let mut cursor = Cursor::new(fields);
        let weight = cursor.u64()?;
        let (rows, marks) = (TableRef::read(&mut cursor)?, TableRef::read(&mut cursor)?);
        let lists = (0..lists).map(|_| TableRef::read(&mut cursor)).collect::<Option<_>>()?;
        cursor.is_empty().then_some(Self { weight, rows, marks, lists })
    }

    /// Ends the file of a volume.
    pub(crate) fn finish(&self, mut sink: Sink, number: u64) -> Result<(), Error> {
        tail::write(&mut sink, Kind::Volume, number, &self.encode())?;
        sink.finish()
    }
}

/// Writes what is new as a volume; its weight.
pub(crate) fn write(
    files: &dyn Files,
    dir: &Path,
    number: u64,
    fresh: &Fresh,
) -> Result<u64, Error> {
    let mut sink = Sink::create(files, dir.join(name(number)))?;
    let rows = fresh.rows.write(&mut sink)?;
    let marks = marks::write(&fresh.marks, &mut sink)?;
    let lists = fresh.lists.iter().map(|list| list.write(&mut sink)).collect::<Result<_, _>>()?;
    let items: usize = fresh.lists.iter().map(crate::lists::FreshLists::len).sum();
    let weight = (fresh.rows.len() + fresh.marks.len() + items) as u64;
    Contents { weight, rows, marks, lists }.finish(sink, number)?;
    Ok(weight)
}

/// A volume that is read.
pub(crate) struct Volume {
    pub(crate) number: u64,
    pub(crate) weight: u64,
    pub(crate) rows: Table,
    pub(crate) marks: Table,
    pub(crate) lists: Vec<Table>,
}

impl Volume {
    pub(crate) fn open(
        files: &dyn Files,
        dir: &Path,
        number: u64,
        lists: u8,
    ) -> Result<Self, Error> {
        let source = Source::open(files, &dir.join(name(number)))?;
        let fields = tail::read(&source, Kind::Volume, number)?;
        let bad = || source.corrupt(source.length(), "its tail is of another form");
        let contents = Contents::parse(&fields, lists).ok_or_else(bad)?;
        let open = |place| Table::open(&source, place);
        Ok(Self {
            number,
            weight: contents.weight,
            rows: open(contents.rows)?,
            marks: open(contents.marks)?,
            lists: contents.lists.into_iter().map(open).collect::<Result<_, _>>()?,
        })
    }
}
