//! The ledger as its callers see it.

mod behaviour;
mod book;
mod codec;
mod corrections;
mod day;
mod lots;
mod model;
mod refusals;
mod statements;
