//! Clearing and settlement: who owes what, and moving it.

pub mod model;
