//! The compact form in which programs talk to a ledger over a network (docs/reference/
//! ledger-binary.md has it byte by byte). Pure: bytes in, commands out, and the other way round.
//!
//! Both sides are here, so that a client in Rust needs nothing else: what a client sends
//! ([`encode_transactions`], [`encode_lookups`]) and reads ([`decode_outcomes`],
//! [`decode_found`]), what a server reads ([`decode_transactions`], [`decode_lookups`]) and sends
//! ([`encode_outcomes`], [`encode_found`]). It is not the journal's form, which may change with
//! the program: this one is a promise to others.
//!
//! Numbers are little-endian and of fixed width. One value has one form, nothing may follow, and a
//! count alone claims no memory.
//!
//! ```text
//! frame  "CHLB" version:u8=1 kind:u8 zero:u16 count:u32 body
//! kind   1 transactions | 2 lookups | 129 outcomes | 130 what was found
//! ```

mod cursor;
mod found;
mod lookups;
mod outcomes;
mod transactions;

pub use found::{
    AccountRecord, Found, HoldRecord, MoveRecord, TransactionRecord, decode_found, encode_found,
};
pub use lookups::{Lookups, decode_lookups, encode_lookups};
pub use outcomes::{Outcomes, Told, decode_outcomes, encode_outcomes};
pub use transactions::{Frame, decode_transactions, encode_transactions, take_transactions};

/// The version written and read.
pub const VERSION: u8 = 1;
/// The media type of a frame, requests and answers alike.
pub const MEDIA_TYPE: &str = "application/vnd.countinghouse.ledger.v1";

/// Where the number of items stands.
const COUNT: usize = 8;
/// How many bytes a frame has before its body.
const HEADER: usize = 12;
const MAGIC: [u8; 4] = *b"CHLB";

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transactions = 1,
    Lookups = 2,
    Outcomes = 129,
    Found = 130,
}

/// Why bytes are no frame. Nothing of a frame at fault is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The frame is of another version than [`VERSION`].
    #[error("version {found}; this program reads version {VERSION}")]
    Version {
        /// The version it says.
        found: u8,
    },
    /// More items than may be handed in at once.
    #[error("{found} items; at most {limit} are taken at once")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The bytes at this place are not what they must be.
    #[error("byte {offset}: {reason}")]
    Malformed {
        /// How many bytes in.
        offset: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

type Read<T> = Result<T, WireError>;

/// A frame's header in place of what `out` holds.
fn begin(out: &mut Vec<u8>, kind: Kind, count: usize) {
    out.clear();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[VERSION, kind as u8, 0, 0]);
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

#[cfg(test)]
mod tests;
