//! A run of commands in their canonical form, cut into pieces small enough to be read alone.

use super::{CodecError, Reader, blank, write};
use crate::command::Command;

/// A piece is closed before it grows past this many bytes; a longer command is a piece of its
/// own. Small, because a past transaction is read back with the whole of its piece.
pub const PIECE_BYTES: usize = 4_096;
/// Most commands of one piece, so that a byte tells a command's place in it.
pub const MAX_PIECE_COMMANDS: usize = 256;

/// Commands in their canonical form, one after another.
///
/// Encoding is the caller's part of the work: whoever asks for many things does it on a thread
/// of their own, and the one writer only copies bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    bytes: Vec<u8>,
    /// Where the pieces before the last one end.
    ends: Vec<usize>,
    /// The commands of the last piece.
    open: usize,
    count: usize,
}

impl Encoded {
    /// No commands.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new(), open: 0, count: 0 }
    }

    /// No commands, with room for this many bytes of them.
    pub fn with_room(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::new() }
    }

    /// These commands.
    pub fn of(commands: &[Command]) -> Self {
        let mut encoded = Self::with_room(commands.len().saturating_mul(TYPICAL));
        for command in commands {
            encoded.push(command);
        }
        encoded
    }

    /// Takes over bytes from elsewhere, if they are commands in their canonical form.
    pub fn check(bytes: Vec<u8>) -> Result<Self, CodecError> {
        let mut encoded = Self::new();
        let mut reader = Reader::new(&bytes);
        let mut start = 0;
        let mut command = blank();
        while !reader.is_at_end() {
            reader.command_into(&mut command)?;
            encoded.account_for(start, reader.offset());
            start = reader.offset();
        }
        encoded.bytes = bytes;
        Ok(encoded)
    }

    /// Appends a command.
    pub fn push(&mut self, command: &Command) {
        let start = self.bytes.len();
        write::command(command, &mut self.bytes);
        self.account_for(start, self.bytes.len());
    }

    /// Counts the command in `start..end`, and begins a piece with it if the last one is full.
    fn account_for(&mut self, start: usize, end: usize) {
        let piece = self.ends.last().copied().unwrap_or(0);
        let full = end.saturating_sub(piece) > PIECE_BYTES || self.open >= MAX_PIECE_COMMANDS;
        if full && self.open > 0 {
            self.ends.push(start);
            self.open = 0;
        }
        self.open = self.open.saturating_add(1);
        self.count = self.count.saturating_add(1);
    }

    /// Appends the commands of another run; small pieces grow together.
    pub fn append(&mut self, other: Self) {
        if self.count == 0 {
            *self = other;
            return;
        }
        if other.count == 0 {
            return;
        }
        let base = self.bytes.len();
        let piece = self.ends.last().copied().unwrap_or(0);
        let first = other.ends.first().copied().unwrap_or(other.bytes.len());
        let together = base.saturating_sub(piece).saturating_add(first);
        // How many commands the first piece of several has is not known: it stays one of its own.
        let joins = other.ends.is_empty()
            && together <= PIECE_BYTES
            && self.open.saturating_add(other.open) <= MAX_PIECE_COMMANDS;
        if joins {
            self.open = self.open.saturating_add(other.open);
        } else {
            self.ends.push(base);
            self.ends.extend(other.ends.iter().map(|end| end.saturating_add(base)));
            self.open = other.open;
        }
        self.bytes.extend_from_slice(&other.bytes);
        self.count = self.count.saturating_add(other.count);
    }

    /// How many commands there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of all commands.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The pieces; none for no commands.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ends = self.ends.iter().copied().chain(std::iter::once(self.bytes.len()));
        let pieces = starts.zip(ends).filter_map(|(start, end)| self.bytes.get(start..end));
        pieces.filter(|piece| !piece.is_empty())
    }
}

/// About what a plain transfer takes; room that is claimed at once.
const TYPICAL: usize = 64;
