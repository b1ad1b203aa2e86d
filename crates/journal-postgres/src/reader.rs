//! Reading single records back, by their place.

use std::sync::Arc;

use journal::{Error, Place, Reader, form};

use crate::engine::Engine;
use crate::tables;
use crate::walk::{number, place_of};

/// Reads records of a log in a database.
#[derive(Debug)]
pub(crate) struct PostgresReader {
    engine: Arc<Engine>,
}

impl PostgresReader {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// How many bytes the batch has from here on, and the first of them.
    fn bytes(&self, place: Place, count: usize) -> Result<(usize, Vec<u8>), Error> {
        let readers = self.engine.readers.clone();
        let (at, count) = (number(place.to_bits()), i32::try_from(count).unwrap_or(i32::MAX));
        let found: Option<(i64, i32, Vec<u8>)> = self.engine.run("read", async move {
            sqlx::query_as(tables::RECORD).bind(at).bind(count).fetch_optional(&readers).await
        })?;
        let within = found.and_then(|(begin, length, bytes)| {
            let begin = place_of(begin);
            let skipped = place.offset.checked_sub(begin.offset)?;
            let left = i64::from(length).checked_sub(i64::from(skipped))?;
            (begin.segment == place.segment).then_some((usize::try_from(left).ok()?, bytes))
        });
        within.ok_or_else(|| self.engine.corrupt(place, "no record begins here"))
    }
}

impl Reader for PostgresReader {
    fn record(&self, place: Place, out: &mut Vec<u8>) -> Result<(), Error> {
        let (left, mut first) = self.bytes(place, form::FIRST_READ)?;
        let corrupt = |reason| self.engine.corrupt(place, reason);
        form::record(left, out, |out| {
            if out.len() > first.len() {
                first = self.bytes(place, out.len())?.1;
            }
            let bytes = first.get(..out.len());
            out.copy_from_slice(bytes.ok_or_else(|| corrupt("the batch is cut short"))?);
            Ok::<(), Error>(())
        })?
        .map_err(corrupt)
    }
}
