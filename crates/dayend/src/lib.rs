//! A day's end (日终) as a resumable sequence of steps.
//!
//! Every accounting date has the same [`Step`]s, each with a time at which it is due and others that
//! must be done before it. How far each is stands in the records: a step is written down when it is
//! begun and when it has ended, and does nothing when it was done before, so that a crash anywhere
//! costs no more than taking one step again. The demo and `serve` drive the same sequence.

mod config;
mod door;
mod perform;
mod problems;
mod schedule;
mod statements;
mod step;
mod store;

pub use config::{Config, TimeOfDay};
pub use door::{DayEnd, Parts, StepView};
pub use step::Step;
pub use store::{Failure, MIGRATIONS, Progress, StepState};
