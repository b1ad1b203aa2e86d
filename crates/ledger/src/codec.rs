//! The canonical binary form of commands: what the journal keeps and fingerprints are taken of.

use crate::command::Command;
use types::Timestamp;

/// Why bytes are no commands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct CodecError {
    /// How many bytes in.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Appends one command.
pub fn encode(command: &Command, out: &mut Vec<u8>) {
    let _ = (command, out);
    unimplemented!()
}

/// Reads one command; the bytes must hold it and nothing else.
pub fn decode(bytes: &[u8]) -> Result<Command, CodecError> {
    let _ = bytes;
    unimplemented!()
}

/// Appends a batch: its moment and its commands, as the journal keeps it.
pub fn encode_batch(at: Timestamp, batch: &[Command], out: &mut Vec<u8>) {
    let _ = (at, batch, out);
    unimplemented!()
}

/// Reads a batch; the bytes must hold it and nothing else.
pub fn decode_batch(bytes: &[u8]) -> Result<(Timestamp, Vec<Command>), CodecError> {
    let _ = bytes;
    unimplemented!()
}

/// The first half of the BLAKE3 hash of a command's canonical encoding.
pub fn fingerprint(command: &Command) -> u128 {
    let _ = command;
    unimplemented!()
}
