//! Risk control (风控): every event is judged in microseconds, and every judgement is kept.
//!
//! A caller sends an [`Event`] with the elements it knows; [`Risk::judge`] answers with a
//! [`Decision`]: an outcome, a score, the reasons. Judging is synchronous, touches no disk and no
//! other system. What it weighs: the event's own elements, features over sliding windows of earlier
//! events, black, grey and white lists. How it weighs them are rules in CEL: data, checked at load,
//! swapped while running.
//!
//! The caller keeps the decision by [`Risk::record`] inside its own unit of work, so that an order
//! and its judgement are written together or not at all.

mod catalog;
mod decision;
mod door;
mod error;
mod event;
mod expression;
mod files;
mod judge;
mod lists;
mod names;
mod stopwatch;
mod store;
mod typing;
mod windows;

pub use decision::{Decision, Factor, Outcome, Reason};
pub use door::{Risk, Stats};
pub use error::{Error, FileError};
pub use event::{ElementValue, Event};
pub use files::{Files, Source};
pub use lists::{Level, ListEntry, Listed};
pub use stopwatch::{Standing, Stopwatch};
pub use store::MIGRATIONS;
pub use windows::Held;
