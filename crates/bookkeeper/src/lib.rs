//! The one writer of the book, and everybody's way of reading it.
//!
//! A [`Bookkeeper`] owns a directory with the book's journal and one thread that writes it. Any
//! number of callers hand in commands; the thread takes what waits, appends it to the journal as
//! one batch, waits for one sync, and only then applies it to the [`ledger`] in memory and
//! answers. So:
//! - what was acknowledged is on the disk, and what readers see was on the disk before they saw
//!   it; nothing is ever shown that a power cut could take back;
//! - a hundred callers cost one sync, and a hot account costs no more than a cold one;
//! - commands that are refused are in the journal too: their refusal is part of the history, and
//!   replaying the journal gives the same book and the same answers;
//! - after a failed write or sync nothing more is taken ([`Error::Stopped`]); the book in memory
//!   stays what the disk is known to hold, and can still be read.
//!
//! The commands of one submission are applied one after another, with no other caller's between,
//! each by itself; what must happen together goes into one [`ledger::Transaction`].
//!
//! No async runtime is needed: [`Bookkeeper::submit_blocking`] waits on the spot, and the futures
//! run on any executor. Reads take a read lock for as long as they copy; the writer never holds
//! the lock while it waits for the disk.

mod bookkeeper;
mod error;
mod index;
mod model;
mod record;
mod verify;
mod views;
mod writer;

pub use bookkeeper::{Bookkeeper, Config, Storage};
pub use error::{Error, PostError};
pub use ledger::Proofs;
pub use verify::{Progress, Verification, verify};
pub use views::{Entry, Hold, TransactionView};

/// How many submissions may wait for the writer.
pub const MAX_WAITING: usize = 16_384;
/// How many commands one submission may have.
pub const MAX_COMMANDS: usize = 8_192;
/// How many bytes of journal one submission may take, roughly: 8 MiB.
pub const MAX_SUBMISSION_BYTES: usize = 8 << 20;
