//! The ledger as its callers see it.

mod behaviour;
mod book;
mod codec;
mod day;
mod model;
mod refusals;
