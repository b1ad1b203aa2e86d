//! The journal's second home: a database of PostgreSQL 14 or newer, or of a cluster that speaks
//! its protocol.
//!
//! # What is kept
//! `journal_batches` has a row a batch: its number, its writer's epoch, its place, and its frame, byte
//! for byte what a segment file would hold, with the same checksums and the same hash chain ([`journal::form`]).
//! `journal_head` has one row: the kind of the log, its last batch, and the epoch of the writer who
//! claimed it last.
//!
//! # Promises
//! - **Append by expected position.** One statement moves the head and inserts the batch, if and
//!   only if the head is where the writer believes it, under the writer's own epoch. So the
//!   database itself refuses a writer that was deposed without knowing ([`Error::Deposed`]),
//!   whatever it may still have under way: not a lease that may have run out, not a clock.
//! - An append is acknowledged after the commit of that statement, with `synchronous_commit` on at
//!   least; one that waits for a standby is left as the server has it.
//! - **A broken connection loses nothing and doubles nothing.** The same append is asked again on a
//!   new connection; where the batch stands there already, by epoch, number and chain, it was
//!   committed the first time. Where the server stays away for longer than [`AWAY`], the log stands still, as after a
//!   failed sync of a file: opening it again reads what is really there.
//! - Claiming needs another's session to have ended (an advisory lock says so; it is waited for three
//!   seconds) and then writes its own epoch; the walk comes after, so it sees every batch that was
//!   ever acknowledged.
//! - A walk checks every frame, its place, and that the head is its end: a missing, changed or
//!   added row is refused ([`Error::Corrupt`]). The tables refuse `UPDATE` and `DELETE` of batches.
//!
//! Calls wait on the spot, on any thread, also one of an async runtime: the connections belong to a
//! small runtime of the home's own.
//!
//! [`Error::Deposed`]: journal::Error::Deposed
//! [`Error::Corrupt`]: journal::Error::Corrupt

mod engine;
mod home;
mod reader;
mod tables;
mod walk;
mod writer;

pub use home::{PostgresHome, check};
pub use writer::AWAY;
