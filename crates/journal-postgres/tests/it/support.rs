//! Logs of small batches, and a way to what lies under them.

use journal::{Error, Home as _, Journal, Position, Recovery};
use journal_postgres::PostgresHome;
use testkit::postgres::execute;

pub(crate) const KIND: &str = "test/1";

pub(crate) fn home(url: &str) -> PostgresHome {
    PostgresHome::new(url, KIND).expect("a URL")
}

/// A batch of its number's own records.
pub(crate) fn records(number: u64) -> Vec<Vec<u8>> {
    (0..=number % 3).map(|part| format!("record {number}.{part}").into_bytes()).collect()
}

pub(crate) fn append(journal: &mut dyn Journal, number: u64) -> Result<Position, Error> {
    let records = records(number);
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    journal.append(&records)
}

pub(crate) type Seen = Vec<Vec<Vec<u8>>>;

/// Opens the log; what it holds.
pub(crate) fn open(url: &str) -> Result<(Box<dyn Journal>, Recovery, Seen), Error> {
    let mut seen = Vec::new();
    let held = home(url).claim()?;
    let (journal, found) = held.open_behind(None, &mut |batch| {
        seen.push(batch.records().map(<[u8]>::to_vec).collect());
        Ok(())
    })?;
    Ok((journal, found, seen))
}

/// Walks the log without claiming it.
pub(crate) fn walk(url: &str) -> Result<Seen, Error> {
    let mut seen = Vec::new();
    home(url).walk(&mut |batch| {
        seen.push(batch.records().map(<[u8]>::to_vec).collect());
        Ok(())
    })?;
    Ok(seen)
}

/// What batches 1 to this one hold.
pub(crate) fn batches(last: u64) -> Seen {
    (1..=last).map(records).collect()
}

/// Lets the batches be changed, as no program of the house does.
pub(crate) fn tamper(url: &str, sql: &str) {
    execute(url, "ALTER TABLE journal_batches DISABLE TRIGGER USER");
    let done = execute(url, sql);
    assert!(!done.ends_with(" 0"), "{sql}: {done}");
}
