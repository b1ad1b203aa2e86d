//! The memory of a log that grows for ever, kept on disk: which ids were ever seen, what was
//! written under each sequence number, and what belongs together. It knows ids, numbers and
//! bytes, and never what they mean.
//!
//! An [`Archive`] belongs to a log (see [`journal`]) that holds the truth: everything here can be
//! built again from it. That decides what happens to damage. A file that is missing or fails its
//! checksum is never guessed at: [`Archive::open`] says so ([`Opening::Anew`]) and begins empty,
//! and the owner fills it again from the log's first batch. A block found damaged later gives
//! [`Error::Corrupt`]; the owner calls [`forget`] and opens again.
//!
//! # What it keeps
//! - **ids**: a 128-bit id and 64 bits about it; a later value takes the place of an earlier one.
//!   Random ids are the worst case and the one it is built for: sorted runs, each with a filter
//!   that answers "not here" from one cache line, asked for a whole batch of ids at once
//!   ([`Archive::old_ids`]) so that the memory's latencies overlap.
//! - **rows**: bytes under a rising sequence number.
//! - **marks**: from a sequence number on, the moment and the place in the log; found by either.
//! - **lists**: under a 128-bit key, rising numbers, each with a link; several kinds of list, read
//!   in pages both ways.
//!
//! # How it keeps it
//! What is new lies in memory ([`Archive::freeze`] is due when [`Archive::is_due`] says so). Frozen,
//! it is written by a thread of its own as one sorted run of ids and one volume of rows, marks and
//! lists; a second thread merges runs and volumes of like size, so that their number grows with
//! the logarithm of the past. Nothing is changed once it is written.
//!
//! A **checkpoint** is a freeze with a [`Checkpoint`]: the owner's state and a tag that says which
//! part of the log it covers. When runs, volumes and state are on the disk, a manifest that names
//! them takes the place of the one before in one rename. Opening gives the tag and the state of
//! the last manifest; the owner replays what the log holds behind it, and puts the same things in
//! again.
//!
//! **Reading** ([`View`]) needs the owner's archive only for a moment at a time: what is in memory is
//! looked at while the archive is held still, files are read while the owner goes on.
//!
//! Memory: what is new and what is being frozen, 2 bytes an id for filters up to
//! [`Options::filter_bytes`] (behind that they are read from the file), and 36 bytes for every
//! half megabyte of files.
//!
//! # Format
//! Little-endian. Every file is blocks of about 4 KiB, each followed by a CRC-32 of its place and
//! its bytes, a two-level index of the blocks, and a tail that says which file it is. The
//! manifest and the state carry a BLAKE3 hash.

mod archive;
mod catalog;
pub mod codec;
mod error;
mod filter;
mod fresh;
mod hash;
mod idrun;
mod idtable;
mod inspect;
mod keeper;
mod lists;
mod manifest;
mod marks;
mod merge;
mod rows;
mod sink;
mod snapshot;
mod table;
mod tail;
mod view;
mod volume;

pub use archive::{Archive, Opening, clear, forget};
pub use error::Error;
pub use inspect::{Inspection, inspect};
pub use keeper::Checkpoint;
pub use lists::Link;
pub use marks::Mark;
pub use view::{Access, View};

/// Most bytes of a row: 16 MiB.
pub const MAX_ROW_BYTES: usize = 16 << 20;
/// Most bytes of a checkpoint's tag.
pub const MAX_TAG_BYTES: usize = 4 << 10;

/// How an archive is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A freeze is due at this many new ids or rows.
    pub fresh_entries: usize,
    /// A freeze is due at this many bytes of new rows.
    pub fresh_bytes: usize,
    /// How many kinds of list there are, at most 16; their numbers are 0 and up.
    pub lists: u8,
    /// Filters may take this many bytes of memory; those of the largest runs are then read from
    /// their files.
    pub filter_bytes: u64,
    /// Whether runs are written and merged by threads of their own; otherwise a freeze returns
    /// when everything is done, which makes a test repeatable.
    pub background: bool,
}

impl Options {
    /// What serves a busy book: half a million entries in memory, 256 MiB of filters.
    pub const fn new(lists: u8) -> Self {
        Self {
            fresh_entries: 1 << 19,
            fresh_bytes: 96 << 20,
            lists,
            filter_bytes: 256 << 20,
            background: true,
        }
    }
}
