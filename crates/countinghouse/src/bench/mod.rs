//! Measuring the house on this machine. Figures, never tests: nothing here passes or fails.

mod disk;
mod ledger;
pub mod load;
mod process;

pub use ledger::{Measured, Plan, run};
