//! Matching: two sides of a day joined, every pair put into one class.

mod fold;
mod model;
mod plan;
mod sheet;

pub use model::{Class, Flow, Pair, Side, Status};
pub use plan::Resources;
pub(crate) use plan::run;
pub use sheet::{Outcome, Sheet, SheetLine};
