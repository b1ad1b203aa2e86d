//! An append-only log of opaque records: batches, checksummed, hash-chained, durable before they
//! are acknowledged. Knows no ledger.
//!
//! Where a log is kept is behind four traits: a [`Home`] is claimed ([`Held`]), written
//! ([`Journal`]) and read ([`Reader`]). This crate has the embedded default, preallocated segment
//! files ([`FileHome`]); `journal-postgres` has the database, for which [`form`] gives out the
//! form of a batch, the same in every home.
//!
//! # Promises of the home in files
//! - [`Journal::append`] writes one batch and, under [`Durability::Sync`], returns only after the
//!   operating system has said that the bytes are on the disk. One sync a batch.
//! - After any failed write or sync the journal stands still: every later call is refused with
//!   [`Error::Stopped`], because nobody can know what of the failed write reached the disk.
//!   Opening the directory again reads what is really there.
//! - [`FileJournal::open`] cuts off a torn tail - a last batch that a crash kept from being wholly
//!   written, and that therefore was never acknowledged - and refuses every other damage with
//!   [`Error::Corrupt`], naming the file and the offset. It never skips over anything.
//! - One process at a time: a second one is refused with [`Error::Locked`].
//!
//! # How it reaches the disk
//! Where the file system can, a batch is one `O_DIRECT|O_DSYNC` write over zeros that were written
//! and synced before: no metadata changes and no cache is copied through. Such a write is of whole
//! 4 KiB blocks, so the block in which the last batch ended is written again, its first bytes as
//! they were: whichever of its sectors reach the disk, what was acknowledged stands in them. The
//! next segment is filled with zeros in the background before it is needed. Elsewhere (tmpfs,
//! some overlays; found out by trying), and under [`Durability::Buffered`], writes go through the
//! cache and an `fdatasync`. The bytes in the files are the same.
//!
//! # How a torn batch is told from a damaged one
//! Every batch says up to which batch the log was known to be on the disk when it was written.
//! A bad batch that a later one calls durable is damage. A bad batch at the very end is torn only
//! if it shows what an interrupted write leaves: its last byte, or a whole 512-byte sector of it,
//! is still the zero that the segment was filled with. A record that itself holds a zero-filled
//! sector, damaged in the last batch before a power cut, is the one case that reads as torn;
//! [`Journal::seal`], called when a log falls idle and at [`FileJournal::close`], closes that gap by
//! calling everything before it durable.
//!
//! # Format
//! Little-endian. A segment is a 128-byte header and frames on 8-byte boundaries: 68 bytes of header, records (length, CRC-32, bytes), zero padding, an 8-byte end
//! mark. The chain of a batch is BLAKE3 over the chain before it, its header's first 32 bytes and
//! its records; the first chain is the hash of the log's kind.

mod ahead;
mod blocks;
mod error;
mod file_journal;
mod file_reader;
mod files;
pub mod form;
mod frame;
mod home;
mod place;
mod scan;
mod segment;
mod writer;

pub use error::{Error, VisitError};
pub use file_journal::{Claim, Durability, FileHome, FileJournal, Options};
pub use file_reader::FileReader;
pub use files::{BLOCK, Files, LogFile, RealFiles};
pub use frame::{Batch, Records};
pub use home::{Held, Home, Journal, Reader, Visit};
pub use place::{Place, Position};
pub use scan::{Recovery, read};
pub use segment::is_segment;

/// The hash that ties a batch to all before it.
pub type Chain = [u8; 32];

/// The longest record: 16 MiB.
pub const MAX_RECORD_BYTES: usize = 16 << 20;
/// The longest batch: 64 MiB.
pub const MAX_BATCH_BYTES: usize = 64 << 20;
/// The longest segment file, in bytes; a longer file is none of ours.
pub const MAX_SEGMENT_BYTES: u64 = (256 << 20) - 1;
