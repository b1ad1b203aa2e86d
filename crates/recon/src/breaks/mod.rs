//! Breaks (差错) and their life: found, treated, closed; or withdrawn with their statement.

mod model;
pub(crate) mod store;
pub(crate) mod treat;

pub use model::{Break, BreakFilter, BreakState, Remedy, Treatment};
