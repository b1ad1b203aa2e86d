//! Reading single records back, by their place.

use std::sync::Arc;
use std::time::Instant;

use journal::{Error, Place, Reader, form};

use tokio::time::sleep;

use crate::engine::{Engine, within};
use crate::tables;
use crate::walk::{number, place_of};
use crate::writer::{ANSWER, AWAY, PAUSE};

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
        let found = self.engine.run("read", async move {
            let until = Instant::now() + AWAY;
            loop {
                let record = sqlx::query_as(tables::RECORD).bind(at).bind(count);
                match within(ANSWER, record.fetch_optional(&readers)).await {
                    // What was read does not change: it is asked for again while the server is away.
                    Err(error) if !pg::is_refusal(&error) && Instant::now() < until => {
                        tracing::warn!(%error, "a record of the journal is read again");
                        sleep(PAUSE).await;
                    }
                    answer => return answer,
                }
            }
        })?;
        let found: Option<(i64, i32, Vec<u8>)> = found;
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
