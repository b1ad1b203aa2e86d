//! Channels, asked over real sockets: a peer that misbehaves in every way the contract knows.

mod peer;
mod registry;
mod unknowns;
