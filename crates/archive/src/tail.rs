//! The end of a file of the archive: which one it is, and where in it things stand.
//!
//! ```text
//! fields ..., then: u8 kind, u64 number, u32 bytes of the fields, u32 CRC-32 of all before,
//! "CHarch01"
//! ```

use crate::Error;
use crate::codec::Cursor;
use crate::sink::{Sink, Source, checksum};

const MAGIC: &[u8; 8] = b"CHarch01";
const FIXED: usize = 13;
const END: usize = FIXED + 4 + 8;
/// Fields longer than this are none of ours.
const MAX_FIELDS: usize = 4_096;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ids = 1,
    Volume = 2,
}

/// Ends a file; its number is part of the tail, so that a file under another's name is seen.
pub(crate) fn write(sink: &mut Sink, kind: Kind, number: u64, fields: &[u8]) -> Result<(), Error> {
    let mut bytes = fields.to_vec();
    bytes.push(kind as u8);
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(fields.len()).unwrap_or(u32::MAX).to_le_bytes());
    sink.write_checked(&bytes)?;
    sink.write(MAGIC)
}

/// The fields of a file that must be of this kind and number.
pub(crate) fn read(source: &Source, kind: Kind, number: u64) -> Result<Vec<u8>, Error> {
    let bad = |reason| source.corrupt(source.length().saturating_sub(END as u64), reason);
    let cut = "the end of the file is missing";
    let start = source.length().checked_sub(END as u64).ok_or_else(|| bad(cut))?;
    let end = source.read(start, END)?;
    if !end.ends_with(MAGIC) {
        return Err(bad(cut));
    }
    let mut cursor = Cursor::new(&end);
    let fixed = cursor.array::<1>().zip(cursor.u64()).zip(cursor.u32());
    let (([found], place), length) = fixed.ok_or_else(|| bad(cut))?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let offset = start.checked_sub(length as u64).filter(|_| length <= MAX_FIELDS);
    let offset = offset.ok_or_else(|| bad("its tail is longer than any"))?;
    let mut bytes = source.read(offset, length + FIXED + 4)?;
    let crc = bytes.split_off(length + FIXED);
    if checksum(offset, &bytes) != *crc {
        return Err(bad("the checksum of its tail fails"));
    }
    if found != kind as u8 || place != number {
        return Err(bad("it is another file than its name says"));
    }
    bytes.truncate(length);
    Ok(bytes)
}
