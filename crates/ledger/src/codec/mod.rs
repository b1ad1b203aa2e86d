//! The canonical binary form of commands: what the journal keeps, and what is applied.
//!
//! One value has one form and one form has one value: numbers are big-endian and of fixed width
//! but for amounts and counts (LEB128, the shortest form), what is absent takes no byte, lists
//! are bounded. A plain transfer takes 52 bytes and its amount, 16 more with its order.
//!
//! ```text
//! piece       command*
//! command     1 open-account | 2 set-controls | 3 transact | 4 cut-day | 5 transfer | 6 settle
//! transfer    head debit:u128 credit:u128 amount:var tail          (one posting, exact)
//! transact    head count:var (debit:u128 credit:u128 amount:var way:u8)* tail     (any other)
//! head        flags:u8 id:u128 event:u16 order?:u128 reference?:u128 date?:i32
//!             hold?:u128 | expires_at?:i64
//! tail        conditions? (count:u8 (account:u128 at_least:var)*)  corrects? (of:u128 kind:u8)
//! flags       1 order | 2 reference | 4 date | 8 conditions | 16 corrects | action << 5
//! way         0 exact | 1 available of debit | 2 of credit; 4 more: settled money only
//! action      0 post | 1 hold | 2 hold until | 3 post-hold | 4 void-hold
//! ```

mod encoded;
mod read;
pub(crate) mod write;

pub use encoded::{Encoded, MAX_PIECE_COMMANDS, PIECE_BYTES};
pub(crate) use read::{Reader, blank};

use crate::command::Command;

/// Bits of a transaction's flags: what follows.
const ORDER: u8 = 1;
const REFERENCE: u8 = 2;
const DATE: u8 = 4;
const CONDITIONS: u8 = 8;
const CORRECTS: u8 = 16;
const ACTION_SHIFT: u32 = 5;
/// The bit of a posting's way that stands for [`crate::Posting::settled_only`].
const SETTLED_ONLY: u8 = 4;

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
/// refuse what is read back as too long.
pub fn encode(command: &Command, out: &mut Vec<u8>) {
    write::command(command, out);
}

/// Reads one command; the bytes must hold it and nothing else.
pub fn decode(bytes: &[u8]) -> Result<Command, CodecError> {
    let mut reader = Reader::new(bytes);
    let command = reader.command()?;
    reader.end()?;
    Ok(command)
}

/// Reads the commands of a piece, however many there are in it.
pub fn decode_piece(piece: &[u8]) -> Result<Vec<Command>, CodecError> {
    let mut reader = Reader::new(piece);
    let mut commands = Vec::new();
    while !reader.is_at_end() {
        commands.push(reader.command()?);
    }
    Ok(commands)
}
