//! What became of each transaction of a frame: a byte each, and the rest only where it differs.
//!
//! ```text
//! body   first_seq:u64 at:i64 date:i32 result:u8{count}
//!        codes:u8 (length:u8 ASCII)*
//!        (seq:u64 at:i64 date:i32 state:u8)*   one for each result 1, in order
//! result 0 done | 1 exists | 2 + n refused with the n-th code
//! ```

use super::cursor::{Cursor, put_receipt};
use super::{Kind, Read, begin};
use crate::outcome::{Outcome, Receipt};
use types::{BusinessDate, Timestamp};

const DONE: u8 = 0;
const EXISTS: u8 = 1;
const REFUSED: u8 = 2;

/// What became of one transaction, as a client reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// It took effect now, under this sequence number.
    Done(u64),
    /// It took effect before; this is its first receipt.
    Exists(Receipt),
    /// It was refused with this code, and changed nothing.
    Refused(&'a str),
}

/// The outcomes of a call, in the order of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes<'a> {
    /// When the items that are done took effect.
    pub at: Timestamp,
    /// The accounting date they fell on.
    pub date: BusinessDate,
    /// One an item.
    pub items: Vec<Told<'a>>,
}

/// What `code` a refusal has is asked of each outcome, so that a server can refuse items that its
/// ledger never saw. A frame of outcomes in place of what `out` holds; `None` if they are none a
/// single submission can have: the done ones do not follow one another, or over 254 codes.
pub fn encode_outcomes(
    outcomes: &[Result<Outcome, &'static str>],
    out: &mut Vec<u8>,
) -> Option<()> {
    begin(out, Kind::Outcomes, outcomes.len());
    let first = outcomes.iter().find_map(|outcome| match outcome {
        Ok(Outcome::Done(receipt)) => Some(*receipt),
        _ => None,
    });
    let (seq, at, days) = first.map_or((0, 0, 0), |r| (r.seq, r.at.as_micros(), r.date.days()));
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&days.to_le_bytes());
    let mut codes: Vec<&'static str> = Vec::new();
    let mut next = seq;
    for outcome in outcomes {
        let code = match outcome {
            Ok(Outcome::Done(receipt)) => {
                if receipt.seq != next {
                    return None;
                }
                next = next.checked_add(1)?;
                out.push(DONE);
                continue;
            }
            Ok(Outcome::Exists(_)) => {
                out.push(EXISTS);
                continue;
            }
            Ok(Outcome::Refused(refusal)) => refusal.code(),
            Err(code) => code,
        };
        let place = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
            codes.push(code);
            codes.len().saturating_sub(1)
        });
        out.push(u8::try_from(place).ok()?.checked_add(REFUSED)?);
    }
    out.push(u8::try_from(codes.len()).ok()?);
    for code in codes {
        out.push(u8::try_from(code.len()).ok()?);
        out.extend_from_slice(code.as_bytes());
    }
    for outcome in outcomes {
        if let Ok(Outcome::Exists(receipt)) = outcome {
            put_receipt(out, *receipt);
        }
    }
    Some(())
}

/// Reads a frame of outcomes.
///
/// # Errors
/// [`super::WireError`] with the place of the first fault.
pub fn decode_outcomes(bytes: &[u8]) -> Read<Outcomes<'_>> {
    let (mut cursor, count) = Cursor::open(bytes, Kind::Outcomes, usize::MAX)?;
    let first = cursor.u64()?;
    let (at, date) = (cursor.moment()?, cursor.date()?);
    let results = cursor.bytes(count)?;
    let codes = usize::from(cursor.u8()?);
    let codes = cursor.list(codes, |cursor| {
        let length = usize::from(cursor.u8()?);
        let text = std::str::from_utf8(cursor.bytes(length)?);
        text.or_else(|_| cursor.fail("the code before is no text"))
    })?;
    let mut next = first;
    let mut items = Vec::with_capacity(results.len());
    for result in results {
        items.push(match *result {
            DONE => {
                let seq = next;
                next = next.saturating_add(1);
                Told::Done(seq)
            }
            EXISTS => Told::Exists(cursor.receipt()?),
            refused => {
                let place = usize::from(refused.saturating_sub(REFUSED));
                match codes.get(place) {
                    Some(code) => Told::Refused(code),
                    None => return cursor.fail("a result names a code that is not there"),
                }
            }
        });
    }
    cursor.end()?;
    Ok(Outcomes { at, date, items })
}
