//! The one writer of the book, and everybody's way of reading it.
//!
//! A [`Bookkeeper`] owns a directory with the book's journal, or with what belongs to a journal kept
//! elsewhere ([`Storage::journal`]), and two threads. Any number of
//! callers bring their commands into the canonical form, each on a thread of their own, and hand
//! them in. The scribe takes what waits, appends it to the journal as one batch and waits until it
//! is on the disk; the clerk then applies it to the [`ledger`] in memory and answers, while the
//! scribe writes the next. So:
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
//! Memory does not grow with the past: which ids there were, what each transaction moved, and who
//! has which entries lies in the [`archive`] beside the journal, with the ledger's state at the
//! last checkpoint, from which an opening goes on. All of it can be built again from the journal,
//! and is when a file of it is missing or damaged.
//!
//! No async runtime is needed: [`Bookkeeper::submit_blocking`] waits on the spot, and the futures
//! run on any executor. Reads take a read lock for as long as they copy from memory; the clerk holds
//! the lock only while it applies a batch, never while the journal is written. Reads of the past read
//! files, and hold no lock meanwhile.

mod abode;
mod bookkeeper;
mod checkpoint;
mod claims;
mod clerk;
mod error;
mod look;
mod model;
mod notes;
mod opening;
mod past;
mod record;
mod replay;
mod row;
mod scribe;
mod shared;
mod verify;
mod views;
mod vouchers;

pub use archive::Options as IndexOptions;
pub use bookkeeper::{Bookkeeper, Config, Storage};
pub use error::{Error, PostError};
pub use ledger::Proofs;
pub use record::KIND as JOURNAL_KIND;
pub use verify::{Progress, Verification, verify};
pub use views::{Entry, Hold, HoldsThen, TransactionView};

/// How many submissions may wait for the scribe.
pub const MAX_WAITING: usize = 16_384;
/// How many bytes of submissions may wait for the scribe: 64 MiB.
pub const MAX_WAITING_BYTES: usize = 64 << 20;
/// How many commands one submission may have.
pub const MAX_COMMANDS: usize = 8_192;
/// How many bytes one submission may have: 8 MiB.
pub const MAX_SUBMISSION_BYTES: usize = 8 << 20;

/// The example of the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
