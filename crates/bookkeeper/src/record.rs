//! What the journal keeps of the book: its beginning, then one record a batch. Pure.
//!
//! ```text
//! beginning: 0x00, version 1, i32 days of the first accounting date
//! batch:     0x01, u64 effects before it, then ledger::codec's batch
//! ```
//! The count of effects makes a replay that comes to another result show at once.

use crate::Error;
use ledger::{Command, codec};
use types::{BusinessDate, Timestamp};

/// The kind of journal a book has.
pub(crate) const KIND: &str = "countinghouse.book/1";

const BEGINNING: u8 = 0;
const BATCH: u8 = 1;
const VERSION: u8 = 1;

/// A record read back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Beginning { open_date: BusinessDate },
    Batch { effects_before: u64, at: Timestamp, commands: Vec<Command> },
}

pub(crate) fn encode_beginning(open_date: BusinessDate) -> Vec<u8> {
    let mut out = vec![BEGINNING, VERSION];
    out.extend_from_slice(&open_date.days().to_le_bytes());
    out
}

/// Puts the record in place of what `out` holds.
pub(crate) fn encode_batch(
    effects_before: u64,
    at: Timestamp,
    commands: &[Command],
    out: &mut Vec<u8>,
) {
    out.clear();
    out.push(BATCH);
    out.extend_from_slice(&effects_before.to_le_bytes());
    codec::encode_batch(at, commands, out);
}

pub(crate) fn decode(sequence: u64, bytes: &[u8]) -> Result<Record, Error> {
    let unreadable = |reason: &str| Error::Unreadable { sequence, reason: reason.to_owned() };
    match bytes {
        [BEGINNING, VERSION, days @ ..] => {
            let days = days.try_into().map_err(|_| unreadable("its beginning is cut short"))?;
            let open_date = BusinessDate::from_days(i32::from_le_bytes(days));
            Ok(Record::Beginning { open_date })
        }
        [BATCH, rest @ ..] => {
            let (effects, batch) =
                rest.split_first_chunk::<8>().ok_or_else(|| unreadable("it is cut short"))?;
            let (at, commands) =
                codec::decode_batch(batch).map_err(|e| Error::unreadable(sequence, &e))?;
            Ok(Record::Batch { effects_before: u64::from_le_bytes(*effects), at, commands })
        }
        _ => Err(unreadable("it is of no known version")),
    }
}

/// About how many bytes a command takes; never less than it does.
pub(crate) fn weight(command: &Command) -> usize {
    const FIXED: usize = 256;
    const POSTING: usize = 64;
    const CONDITION: usize = 32;
    match command {
        Command::Transact(transaction) => {
            let postings = transaction.postings.len().saturating_mul(POSTING);
            let conditions = transaction.conditions.len().saturating_mul(CONDITION);
            FIXED.saturating_add(postings).saturating_add(conditions)
        }
        Command::OpenAccount(_) | Command::SetControls { .. } | Command::CutDay { .. } => FIXED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_reads_back() {
        let open_date = BusinessDate::from_days(20_000);
        let bytes = encode_beginning(open_date);
        assert_eq!(decode(1, &bytes), Ok(Record::Beginning { open_date }));
    }

    #[test]
    fn other_bytes_are_refused() {
        let beginning = encode_beginning(BusinessDate::from_days(1));
        for bytes in [&[][..], &[2], &[0, 2, 0, 0, 0, 0], &beginning[..5], &[1, 0, 0]] {
            let refused = decode(7, bytes).expect_err("refused");
            assert_eq!(refused.code(), "book_unreadable", "{bytes:?}");
            assert!(refused.to_string().contains("batch 7"), "{refused}");
        }
    }
}
