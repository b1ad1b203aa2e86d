//! Statements: a channel's list of the day's trades, read strictly.
//!
//! A file is read whole or refused whole. Every fault is reported with its line, column and
//! reason, up to a limit; nothing is guessed and nothing is dropped. Everything a file can ask for
//! is bounded: its size after unpacking, the length of a line, the number of rows.

mod batch;
mod cells;
mod container;
mod explain;
mod fault;
mod lines;
mod reader;
mod row;
mod trailer;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use types::Timestamp;

pub(crate) use batch::{Columns, schema};
pub use explain::{Explained, LineKind, Report, check};
pub use fault::{Fault, FaultKind, Finding, Refusal};
pub(crate) use row::Row;

use crate::{Flow, Format, Status};

/// What a file may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after unpacking.
    pub bytes: u64,
    /// How many times larger than the packed file the unpacked one may be.
    pub ratio: u64,
    /// Bytes of one line.
    pub line_bytes: usize,
    /// Rows.
    pub rows: u64,
    /// Faults reported before reading stops.
    pub findings: usize,
}

impl Default for Limits {
    /// 8 GiB, a ratio of 100, 16 KiB a line, 50 million rows, 20 faults.
    fn default() -> Self {
        Self { bytes: 8 << 30, ratio: 100, line_bytes: 16 << 10, rows: 50_000_000, findings: 20 }
    }
}

/// Rows and sums of one side, in minor units. Sums are of trades that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Rows, whatever their status.
    pub rows: u64,
    /// Payments that succeeded.
    pub pays: u64,
    /// Refunds that succeeded.
    pub refunds: u64,
    /// Sum of payments.
    pub pay_minor: i64,
    /// Sum of refunds.
    pub refund_minor: i64,
    /// Sum of fees, less what was given back.
    pub fee_minor: i64,
}

impl Totals {
    /// Adds a trade; `None` if a sum no longer fits.
    #[must_use]
    pub fn plus(mut self, flow: Flow, status: Status, amount: i64, fee: i64) -> Option<Self> {
        self.rows = self.rows.checked_add(1)?;
        if status == Status::Succeeded {
            let (count, sum) = match flow {
                Flow::Pay => (&mut self.pays, &mut self.pay_minor),
                Flow::Refund => (&mut self.refunds, &mut self.refund_minor),
            };
            *count = count.checked_add(1)?;
            *sum = sum.checked_add(amount)?;
            self.fee_minor = self.fee_minor.checked_add(fee)?;
        }
        Some(self)
    }

    /// What the channel pays: payments less refunds less fees; `None` if it does not fit.
    pub fn net_minor(&self) -> Option<i64> {
        self.pay_minor.checked_sub(self.refund_minor)?.checked_sub(self.fee_minor)
    }
}

/// A statement, read and verified.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its rows, in the order of the file.
    pub batches: Vec<RecordBatch>,
    /// Their sums.
    pub totals: Totals,
    /// Rows that lack our number: they are matched by the channel's.
    pub unnumbered: u64,
    /// The first and the last moment of its rows.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// What is known of a file once it was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// The sums of its rows.
    pub totals: Totals,
    /// Rows that lack our number.
    pub unnumbered: u64,
    /// The first and the last moment of its rows.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Statement {
    /// The columns of its batches.
    pub fn schema() -> SchemaRef {
        Arc::clone(schema())
    }
}

/// Reads a whole file.
///
/// # Errors
/// [`Refusal`] with every fault found, up to `limits.findings`.
pub fn read(format: &Format, bytes: &[u8], limits: Limits) -> Result<Statement, Refusal> {
    let mut batches = Vec::new();
    let summary = stream(format, bytes, limits, &mut |batch| batches.push(batch))?;
    Ok(Statement {
        batches,
        totals: summary.totals,
        unnumbered: summary.unnumbered,
        span: summary.span,
    })
}

/// Reads a file batch by batch: what `sink` was given counts only if this returns `Ok`, for only
/// the trailer at the end proves the rows.
///
/// # Errors
/// [`Refusal`] with every fault found, up to `limits.findings`.
pub fn stream(
    format: &Format,
    bytes: &[u8],
    limits: Limits,
    sink: &mut dyn FnMut(RecordBatch),
) -> Result<Summary, Refusal> {
    container::with(&format.file, bytes, limits, |source| {
        reader::run(format, source, limits, sink, &mut explain::Silent)
    })
}
