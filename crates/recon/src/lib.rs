//! Statement formats, matching, breaks and their treatment, proofs.
//!
//! The one room that names `DataFusion`. A channel's statement is read strictly by a declared
//! format ([`Format`]), joined with our day book of orders ([`daybook`]), and every difference
//! becomes one [`Break`] of one [`Class`]; [`Recon::treat`] posts what the differences mean, so
//! that after the channel has paid what its statement says nothing is left in transit.

mod breaks;
pub mod daybook;
mod door;
mod error;
mod format;
mod matching;
pub mod proofs;
mod run;
mod statement;

pub use breaks::{Break, BreakFilter, BreakState, Remedy, Treatment};
pub use door::{MIGRATIONS, Recon};
pub use error::Error;
pub use format::{Format, FormatError, Formats};
pub use matching::{Class, Flow, Pair, Resources, Sheet, SheetLine, Side, Status};
pub use proofs::{Proofs, prove};
pub use run::{RunReport, RunRequest, RunState};
pub use statement::{
    Explained, Fault, FaultKind, Finding, Limits, LineKind, Refusal, Report, Statement, Summary,
    Totals, check, read, stream,
};
