//! Walking the log in pages, the next one fetched while one is looked at.

use std::sync::Arc;

use journal::{Error, Place, Position, Recovery, Visit, form};

use crate::engine::{Engine, SILENCE, within};
use crate::home::Head;
use crate::tables;

/// How many bytes of frames are fetched at once, unless a single one is longer.
const PAGE_BYTES: i64 = 8 << 20;

/// A row of `journal_batches`: sequence, place, frame.
type Row = (i64, i64, Vec<u8>);

/// What is told of one batch: its writer's epoch, its place, its length, the head of its frame.
pub(crate) type Told = (i64, i64, i32, Vec<u8>);

/// Where a walk ends.
pub(crate) enum End {
    /// Nobody appends meanwhile: exactly at the head.
    At(Head),
    /// It was there when the walk began; more may follow.
    AtLeast(Head),
}

/// Walks from the first batch, or from behind `from`; also gives the length of the last frame.
pub(crate) fn walk(
    engine: &Arc<Engine>,
    from: Option<Position>,
    end: End,
    visit: Visit<'_>,
) -> Result<(Recovery, usize), Error> {
    let mut walk = Walk { engine, found: Recovery::of(&engine.kind), last_bytes: 0, end };
    if let Some(from) = from {
        walk.begin_behind(from)?;
    }
    let mut asked = walk.ask(walk.found.sequence);
    loop {
        let page: Vec<Row> = engine.wait("read", &asked)?;
        let Some((last, ..)) = page.last() else { break };
        asked = walk.ask(u64::try_from(*last).unwrap_or(u64::MAX));
        for row in &page {
            walk.batch(row, visit)?;
        }
    }
    walk.check_end()?;
    Ok((walk.found, walk.last_bytes))
}

struct Walk<'e> {
    engine: &'e Arc<Engine>,
    found: Recovery,
    last_bytes: usize,
    end: End,
}

impl Walk<'_> {
    fn ask(&self, behind: u64) -> std::sync::mpsc::Receiver<Result<Vec<Row>, sqlx::Error>> {
        let (readers, behind) = (self.engine.readers.clone(), number(behind));
        self.engine.ask(within(SILENCE, async move {
            let page = sqlx::query_as(tables::PAGE).bind(behind).bind(PAGE_BYTES);
            page.fetch_all(&readers).await
        }))
    }

    /// Finds the batch to begin behind.
    fn begin_behind(&mut self, from: Position) -> Result<(), Error> {
        let (readers, sequence) = (self.engine.readers.clone(), number(from.sequence));
        let found: Option<Told> = self.engine.run("read", async move {
            sqlx::query_as(tables::BATCH).bind(sequence).fetch_optional(&readers).await
        })?;
        let same = found.filter(|(_, place, _, head)| {
            place_of(*place) == from.place && form::told(head) == Some((from.sequence, from.chain))
        });
        let Some((_, _, bytes, _)) = same else {
            let reason = format!("batch {} is not here", from.sequence);
            return Err(self.engine.corrupt(from.place, reason));
        };
        self.found.sequence = from.sequence;
        self.found.chain = from.chain;
        self.found.last = from.place;
        self.last_bytes = usize::try_from(bytes).unwrap_or(0);
        Ok(())
    }

    fn batch(&mut self, (sequence, place, frame): &Row, visit: Visit<'_>) -> Result<(), Error> {
        let wanted = form::next_place(self.found.last, self.last_bytes, frame.len());
        let place = place_of(*place);
        let corrupt = |reason: String| self.engine.corrupt(wanted, reason);
        if place != wanted || number(self.found.sequence + 1) != *sequence {
            let expected = self.found.sequence + 1;
            return Err(corrupt(format!("batch {sequence} stands where {expected} belongs")));
        }
        let behind = (self.found.sequence, &self.found.chain);
        let batch = form::decode(frame, behind, place).map_err(corrupt)?;
        if self.found.segments < u64::from(place.segment) {
            self.found.segments = u64::from(place.segment);
        }
        self.found.take(&batch, visit)?;
        self.last_bytes = frame.len();
        self.check_head()
    }

    /// Whether the head, if this is its batch, says the same.
    fn check_head(&self) -> Result<(), Error> {
        let (End::At(head) | End::AtLeast(head)) = &self.end;
        if head.sequence == self.found.sequence && head.chain != self.found.chain {
            return Err(self.engine.corrupt(self.found.last, "the head names another chain"));
        }
        Ok(())
    }

    fn check_end(&self) -> Result<(), Error> {
        self.check_head()?;
        let found = self.found.sequence;
        let (at, ends) = match &self.end {
            End::At(head) => (head.sequence, head.sequence == found),
            End::AtLeast(head) => (head.sequence, head.sequence <= found),
        };
        if ends {
            return Ok(());
        }
        let reason = format!("the log ends at batch {found} where the head names {at}");
        Err(self.engine.corrupt(self.found.last, reason))
    }
}

/// As the database has it; a log never gets past it.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The place that a column names.
pub(crate) fn place_of(column: i64) -> Place {
    Place::from_bits(u64::try_from(column).unwrap_or(u64::MAX))
}
