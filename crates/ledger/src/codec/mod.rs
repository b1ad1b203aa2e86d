//! The canonical binary form of commands: what the journal keeps and fingerprints are taken of.
//!
//! One value has one form and one form has one value: numbers are big-endian and of fixed width,
//! choices are one byte, counts stand before their lists and are bounded, nothing may follow.
//! A plain transfer takes 83 bytes, 16 more with its order.
//!
//! ```text
//! batch       version:u8 at:i64 count:u32 command*
//! command     1 open-account | 2 set-controls | 3 transact | 4 cut-day
//! transact    id:u128 event:u16 order:opt(u128) reference:u128 date:opt(i32) action
//!             postings:u16 (debit:u128 credit:u128 amount:u64 up_to:u8)*
//!             conditions:u8 (account:u128 at_least:u64)* corrects:opt(of:u128 kind:u8)
//! ```

mod read;
mod write;

pub(crate) use write::transact;

use crate::command::Command;
use types::Timestamp;

/// The form written by this version; another is refused.
const VERSION: u8 = 1;
/// Most commands of one batch; a longer one is not read back.
pub const MAX_BATCH: usize = 1 << 20;

/// Why bytes are no commands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct CodecError {
    /// How many bytes in.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Appends one command. Of lists past their bounds ([`crate::MAX_POSTINGS`],
/// [`crate::MAX_CONDITIONS`]) one item more than the bound is written: enough for the ledger to
/// refuse what is read back exactly as it refused what was written.
pub fn encode(command: &Command, out: &mut Vec<u8>) {
    write::command(command, out);
}

/// Reads one command; the bytes must hold it and nothing else.
pub fn decode(bytes: &[u8]) -> Result<Command, CodecError> {
    let mut reader = read::Reader::new(bytes);
    let command = reader.command()?;
    reader.end()?;
    Ok(command)
}

/// Appends a batch: its moment and its commands, as the journal keeps it.
pub fn encode_batch(at: Timestamp, batch: &[Command], out: &mut Vec<u8>) {
    out.push(VERSION);
    out.extend_from_slice(&at.as_micros().to_be_bytes());
    out.extend_from_slice(&u32::try_from(batch.len()).unwrap_or(u32::MAX).to_be_bytes());
    for command in batch {
        write::command(command, out);
    }
}

/// Reads a batch; the bytes must hold it and nothing else.
pub fn decode_batch(bytes: &[u8]) -> Result<(Timestamp, Vec<Command>), CodecError> {
    let mut reader = read::Reader::new(bytes);
    let batch = reader.batch()?;
    reader.end()?;
    Ok(batch)
}

/// The first half of the BLAKE3 hash of a command's canonical encoding.
pub fn fingerprint(command: &Command) -> u128 {
    let mut bytes = Vec::with_capacity(128);
    encode(command, &mut bytes);
    fingerprint_of(&bytes)
}

/// As [`fingerprint`], of an encoding.
pub(crate) fn fingerprint_of(bytes: &[u8]) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(blake3::hash(bytes).as_bytes().split_at(16).0);
    u128::from_be_bytes(half)
}
