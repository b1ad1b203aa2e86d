//! A piece of commands, read and looked up ahead, so that the waits for memory overlap.

use super::Ledger;
use super::accounts::Hint;
use crate::codec::{CodecError, MAX_PIECE_COMMANDS, Reader, blank};
use crate::command::{Action, Command};
use crate::past::Past;
use std::ops::Range;
use types::TransactionId;

/// The commands of one piece; its memory is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Window {
    commands: Vec<Command>,
    /// Where each command's bytes are in the piece, and its hints among all.
    ranges: Vec<(Range<usize>, Range<usize>)>,
    hints: Vec<Hint>,
    own: Vec<TransactionId>,
    named: Vec<TransactionId>,
}

/// What is known of a command beside its content.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'w> {
    /// Its place in its piece.
    pub(super) number: usize,
    /// Its canonical form.
    pub(super) bytes: &'w [u8],
    /// Where the accounts of its postings were found.
    pub(super) hints: &'w [Hint],
}

impl Window {
    /// How many commands there are.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Reads a piece in place of the one before.
    pub(super) fn read(&mut self, piece: &[u8]) -> Result<(), CodecError> {
        self.ranges.clear();
        let mut reader = Reader::new(piece);
        while !reader.is_at_end() {
            let (start, number) = (reader.offset(), self.len());
            if number >= MAX_PIECE_COMMANDS {
                return Err(CodecError { offset: start, reason: "too many commands in a piece" });
            }
            if number == self.commands.len() {
                self.commands.push(blank());
            }
            if let Some(command) = self.commands.get_mut(number) {
                reader.command_into(command)?;
            }
            self.ranges.push((start..reader.offset(), 0..0));
        }
        Ok(())
    }

    /// A command and what is known of it.
    pub(super) fn get<'w>(
        &'w self,
        number: usize,
        piece: &'w [u8],
    ) -> Option<(&'w Command, Asked<'w>)> {
        let (bytes, hints) = self.ranges.get(number)?.clone();
        let (bytes, hints) = (piece.get(bytes)?, self.hints.get(hints)?);
        Some((self.commands.get(number)?, Asked { number, bytes, hints }))
    }
}

impl<P: Past> Ledger<P> {
    /// Looks up what the commands will ask for.
    pub(super) fn look_ahead(&mut self, window: &mut Window) {
        let Window { commands, ranges, hints, own, named } = window;
        hints.clear();
        own.clear();
        named.clear();
        for (command, (_, place)) in commands.iter().zip(ranges.iter_mut()) {
            let first = hints.len();
            match command {
                Command::Transact(transaction) => {
                    own.push(transaction.id);
                    if let Action::PostHold { hold } | Action::VoidHold { hold } =
                        transaction.action
                    {
                        named.push(hold);
                    }
                    named.extend(transaction.corrects.map(|correction| correction.of));
                    hints.extend(transaction.postings.iter().map(|p| self.accounts.hint(p)));
                }
                Command::SetControls { id, .. } | Command::Settle { id, .. } => own.push(*id),
                Command::OpenAccount(_) | Command::CutDay { .. } => {}
            }
            *place = first..hints.len();
        }
        self.accounts.touch(hints);
        self.past.prepare(own, named);
    }
}
