//! Clearing and settlement: who owes what, and moving it.

pub mod daybook;
pub mod model;
