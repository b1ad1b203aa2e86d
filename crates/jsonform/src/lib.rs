//! JSON from outside. [`parse`] reads any request strictly; [`requests`] and [`answers`] are the
//! JSON form of the ledger over a network, beside the compact one of [`ledger::wire`]. Pure: bytes
//! in, values out, and the other way round. A crate of its own, so that strangers' bytes can be
//! thrown at it without a server around it.

pub mod answers;
mod parse;
pub mod requests;
mod strict;

pub use parse::parse;
