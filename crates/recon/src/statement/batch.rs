//! Rows as Arrow columns, the form both sides are matched in.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Int8Builder, Int64Builder, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::Row;
use crate::{Flow, Status};

/// Rows of one batch.
pub(crate) const BATCH_ROWS: usize = 8_192;

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("line", DataType::Int64, false),
        Field::new("flow", DataType::Int8, false),
        Field::new("our_no", DataType::Utf8, true),
        Field::new("channel_no", DataType::Utf8, true),
        Field::new("refund_of", DataType::Utf8, true),
        Field::new("amount", DataType::Int64, false),
        Field::new("fee", DataType::Int64, false),
        Field::new("status", DataType::Int8, false),
        Field::new("at", DataType::Int64, false),
        Field::new("reference", DataType::Utf8, true),
    ]))
});

/// The columns of a side: the line (or place) in its file, flow 0 pay / 1 refund, the numbers,
/// amounts in minor units, status 0 succeeded / 1 failed / 2 cancelled, micros since the epoch,
/// and on our side the order id.
pub(crate) fn schema() -> &'static SchemaRef {
    &SCHEMA
}

impl Flow {
    pub(crate) const fn code(self) -> i8 {
        match self {
            Self::Pay => 0,
            Self::Refund => 1,
        }
    }

    pub(crate) const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Pay),
            1 => Some(Self::Refund),
            _ => None,
        }
    }
}

impl Status {
    pub(crate) const fn code(self) -> i8 {
        match self {
            Self::Succeeded => 0,
            Self::Failed => 1,
            Self::Cancelled => 2,
        }
    }

    pub(crate) const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Succeeded),
            1 => Some(Self::Failed),
            2 => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// Gathers rows into batches.
#[derive(Default)]
pub(crate) struct Columns {
    rows: usize,
    line: Int64Builder,
    flow: Int8Builder,
    our_no: StringBuilder,
    channel_no: StringBuilder,
    refund_of: StringBuilder,
    amount: Int64Builder,
    fee: Int64Builder,
    status: Int8Builder,
    at: Int64Builder,
    reference: StringBuilder,
}

impl Columns {
    /// Adds a row; `reference` is our order id.
    pub fn push(&mut self, line: i64, row: &Row<'_>, reference: Option<&str>) {
        self.rows = self.rows.saturating_add(1);
        self.line.append_value(line);
        self.flow.append_value(row.flow.code());
        self.our_no.append_option(row.our_no.as_deref());
        self.channel_no.append_option(row.channel_no.as_deref());
        self.refund_of.append_option(row.refund_of.as_deref());
        self.amount.append_value(row.amount_minor);
        self.fee.append_value(row.fee_minor);
        self.status.append_value(row.status.code());
        self.at.append_value(row.at.as_micros());
        self.reference.append_option(reference);
    }

    pub fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes what was gathered.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.line.finish()),
            Arc::new(self.flow.finish()),
            Arc::new(self.our_no.finish()),
            Arc::new(self.channel_no.finish()),
            Arc::new(self.refund_of.finish()),
            Arc::new(self.amount.finish()),
            Arc::new(self.fee.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.at.finish()),
            Arc::new(self.reference.finish()),
        ];
        RecordBatch::try_new(Arc::clone(schema()), columns)
    }
}
