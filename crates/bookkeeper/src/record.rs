//! What the journal keeps of the book: its beginning, then batches. Pure.
//!
//! ```text
//! beginning: one record    0x00, version 2, i32 days of the first accounting date
//! batch:     first record  0x01, i64 moment in microseconds,
//!                          u64 an earlier batch of the journal, u64 effects after that one
//!            the others    a piece each (ledger::codec)
//! ```
//! The count of effects makes a replay that comes to another result show soon. It is that of an
//! earlier batch, because a batch is written while the one before it is still being applied.

use crate::Error;
use types::{BusinessDate, Timestamp};

/// The kind of journal a book has.
pub const KIND: &str = "countinghouse.book/2";

const BEGINNING: u8 = 0;
const BATCH: u8 = 1;
const VERSION: u8 = 2;
/// How long the head of a batch is.
pub(crate) const BATCH_HEAD: usize = 25;

/// What took effect up to and with a batch of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    /// The batch.
    pub sequence: u64,
    /// The ledger's sequence number after it.
    pub effects: u64,
}

/// The head of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    Beginning { open_date: BusinessDate },
    Batch { at: Timestamp, mark: Mark },
}

impl Head {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Beginning { open_date } => {
                [&[BEGINNING, VERSION][..], &open_date.days().to_le_bytes()].concat()
            }
            Self::Batch { at, mark } => [
                &[BATCH][..],
                &at.as_micros().to_le_bytes(),
                &mark.sequence.to_le_bytes(),
                &mark.effects.to_le_bytes(),
            ]
            .concat(),
        }
    }

    pub(crate) fn decode(sequence: u64, bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = |reason: &str| Error::Unreadable { sequence, reason: reason.to_owned() };
        match bytes {
            [BEGINNING, VERSION, days @ ..] => {
                let days = days.try_into().map_err(|_| unreadable("its beginning is cut short"))?;
                Ok(Self::Beginning { open_date: BusinessDate::from_days(i32::from_le_bytes(days)) })
            }
            [BATCH, rest @ ..] => {
                let (words, []) = rest.as_chunks::<8>() else {
                    return Err(unreadable("its head is of another length"));
                };
                let [at, after, effects] = words else {
                    return Err(unreadable("its head is of another length"));
                };
                let at = Timestamp::from_micros(i64::from_le_bytes(*at));
                let sequence = u64::from_le_bytes(*after);
                let mark = Mark { sequence, effects: u64::from_le_bytes(*effects) };
                Ok(Self::Batch { at, mark })
            }
            _ => Err(unreadable("it is of no known version")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_read_back() {
        let open_date = BusinessDate::from_days(20_000);
        let mark = Mark { sequence: 7, effects: 9 };
        let at = Timestamp::from_micros(-5);
        for head in [Head::Beginning { open_date }, Head::Batch { at, mark }] {
            assert_eq!(Head::decode(1, &head.encode()), Ok(head));
        }
        assert_eq!(Head::Batch { at, mark }.encode().len(), BATCH_HEAD);
    }

    #[test]
    fn other_bytes_are_refused() {
        let beginning = Head::Beginning { open_date: BusinessDate::from_days(1) }.encode();
        for bytes in [&[][..], &[2], &[0, 3, 0, 0, 0, 0], &beginning[..5], &[1, 0, 0], &[1; 33]] {
            let refused = Head::decode(7, bytes).expect_err("refused");
            assert_eq!(refused.code(), "book_unreadable", "{bytes:?}");
            assert!(refused.to_string().contains("batch 7"), "{refused}");
        }
    }
}
