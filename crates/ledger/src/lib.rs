//! The rules of the book: accounts, postings, holds, general ledger, proofs.
//!
//! A pure, deterministic state machine: [`Ledger::apply`] takes a moment and a batch of commands
//! and gives one [`Outcome`] a command. Who writes, when, and where it is kept is the
//! bookkeeper's business. What an institution decides (assets, chart of accounts, posting
//! templates) is read from `books/` by [`Assets`], [`Chart`] and [`Templates`].

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod account;
mod assets;
mod books;
mod chart;
pub mod codec;
mod command;
mod engine;
mod general;
mod hold;
mod idmap;
pub mod lots;
mod outcome;
mod past;
mod proofs;
mod refusal;
mod statements;
mod templates;
mod trial;
pub mod wire;

pub use account::{Account, Controls, Flags, NewAccount, Owner, Side};
pub use assets::Assets;
pub use books::BooksError;
pub use chart::{Chart, Class, Fund, GlCode, Node, house_account};
pub use command::{
    Action, Command, Condition, Correction, CorrectionKind, MAX_CONDITIONS, MAX_POSTINGS, Posting,
    Transaction, UpTo,
};
pub use engine::{CorrectedBy, Effect, Frozen, Ledger, Move, Observer, SnapshotError};
pub use general::Turnover;
pub use hold::{HeldPosting, Hold};
pub use lots::{FundStates, Lot, LotRole, Standing};
pub use outcome::{Outcome, Receipt, TransactionState};
pub use past::{MemoryPast, Past, PastRecord, Resolution};
pub use proofs::{Finding, Proofs};
pub use refusal::Refusal;
pub use statements::{Period, StatementEntry, Statements};
pub use templates::{Leg, Template, TemplateError, Templates, TransactionHead};
pub use trial::{TrialBalance, TrialRow, TrialTotal};

/// The examples of the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
