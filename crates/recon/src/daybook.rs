//! Our own side: the day book of a channel and date, a Parquet file that clearing wrote.
//!
//! Read as strictly as a channel's file: another column, another channel, an unknown word, a
//! negative amount refuse it whole.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Schema;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use types::Timestamp;

use crate::statement::{Columns, Row};
use crate::{Error, Flow, Status, Totals};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// A day book, read and verified.
#[derive(Debug, Clone)]
pub struct DayBook {
    /// Its rows, in the order of the file, in the columns that statements have.
    pub batches: Vec<RecordBatch>,
    /// Their sums.
    pub totals: Totals,
}

/// Reads the day book of `channel` at `path`.
///
/// # Errors
/// [`Error::DayBook`] naming the file, the row and what is wrong.
pub fn read(path: &Path, channel: &str) -> Result<DayBook, Error> {
    let wrong = |row: Option<u64>, reason: String| Error::DayBook {
        file: path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        row,
        reason,
    };
    let file = File::open(path).map_err(|e| wrong(None, e.to_string()))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| wrong(None, e.to_string()))?;
    same_columns(builder.schema()).map_err(|reason| wrong(None, reason))?;
    let reader =
        builder.with_batch_size(BATCH_ROWS).build().map_err(|e| wrong(None, e.to_string()))?;
    let mut book = Gatherer::default();
    for batch in reader {
        let batch = batch.map_err(|e| wrong(None, e.to_string()))?;
        let source = Source::of(&batch).ok_or_else(|| wrong(None, "columns differ".to_owned()))?;
        for row in 0..batch.num_rows() {
            let place = book.totals.rows.saturating_add(1);
            book.take(&source, row, channel).map_err(|reason| wrong(Some(place), reason))?;
        }
    }
    book.flush().map_err(|reason| wrong(None, reason))?;
    Ok(DayBook { batches: book.batches, totals: book.totals })
}

fn same_columns(found: &Schema) -> Result<(), String> {
    let wanted = clearing::daybook::schema();
    if found.fields().len() != wanted.fields().len() {
        return Err(format!(
            "{} columns are wanted, {} were found",
            wanted.fields().len(),
            found.fields().len()
        ));
    }
    for (wanted, found) in wanted.fields().iter().zip(found.fields()) {
        if wanted.name() != found.name() || wanted.data_type() != found.data_type() {
            return Err(format!(
                "the column {} {} is wanted where {} {} stands",
                wanted.name(),
                wanted.data_type(),
                found.name(),
                found.data_type()
            ));
        }
    }
    Ok(())
}

/// The columns of one batch.
struct Source<'b> {
    order_id: &'b StringArray,
    channel: &'b StringArray,
    kind: &'b StringArray,
    our_no: &'b StringArray,
    channel_order_no: &'b StringArray,
    refund_of: &'b StringArray,
    amount: &'b Int64Array,
    fee: &'b Int64Array,
    status: &'b StringArray,
    occurred_at: &'b Int64Array,
}

impl<'b> Source<'b> {
    fn of(batch: &'b RecordBatch) -> Option<Self> {
        let text = |name| batch.column_by_name(name)?.as_any().downcast_ref::<StringArray>();
        let number = |name| batch.column_by_name(name)?.as_any().downcast_ref::<Int64Array>();
        Some(Self {
            order_id: text("order_id")?,
            channel: text("channel")?,
            kind: text("kind")?,
            our_no: text("our_no")?,
            channel_order_no: text("channel_order_no")?,
            refund_of: text("refund_of")?,
            amount: number("amount_minor")?,
            fee: number("fee_minor")?,
            status: text("status")?,
            occurred_at: number("occurred_at")?,
        })
    }
}

#[derive(Default)]
struct Gatherer {
    columns: Columns,
    batches: Vec<RecordBatch>,
    totals: Totals,
}

impl Gatherer {
    fn take(&mut self, source: &Source<'_>, row: usize, channel: &str) -> Result<(), String> {
        let text = |array: &'_ StringArray, name: &str| {
            if array.is_null(row) {
                return Err(format!("{name} is missing"));
            }
            Ok(array.value(row).to_owned())
        };
        let number = |array: &Int64Array, name: &str| {
            (!array.is_null(row))
                .then(|| array.value(row))
                .ok_or_else(|| format!("{name} is missing"))
        };
        let optional = |array: &StringArray| {
            (!array.is_null(row)).then(|| Cow::Owned(array.value(row).to_owned()))
        };
        let of = text(source.channel, "channel")?;
        if of != channel {
            return Err(format!("channel is '{of}'; the day book of '{channel}' is wanted"));
        }
        let amount = number(source.amount, "amount_minor")?;
        if amount < 0 {
            return Err(format!("amount_minor is {amount}; an amount is not negative"));
        }
        let fields = Row {
            flow: flow(&text(source.kind, "kind")?)?,
            our_no: Some(Cow::Owned(text(source.our_no, "our_no")?)),
            channel_no: optional(source.channel_order_no),
            refund_of: optional(source.refund_of),
            amount_minor: amount,
            fee_minor: number(source.fee, "fee_minor")?,
            status: status(&text(source.status, "status")?)?,
            at: Timestamp::from_micros(number(source.occurred_at, "occurred_at")?),
        };
        let totals = self.totals.plus(fields.flow, fields.status, amount, fields.fee_minor);
        self.totals = totals.ok_or_else(|| "the sum of the rows overflows".to_owned())?;
        let place = i64::try_from(self.totals.rows).unwrap_or(i64::MAX);
        self.columns.push(place, &fields, Some(&text(source.order_id, "order_id")?));
        if self.columns.is_full() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), String> {
        if !self.columns.is_empty() {
            self.batches.push(self.columns.finish().map_err(|e| e.to_string())?);
        }
        Ok(())
    }
}

fn flow(word: &str) -> Result<Flow, String> {
    match word {
        "pay" | "topup" => Ok(Flow::Pay),
        "refund" => Ok(Flow::Refund),
        _ => Err(format!("kind is '{word}'; pay, topup or refund is wanted")),
    }
}

fn status(word: &str) -> Result<Status, String> {
    match word {
        "succeeded" => Ok(Status::Succeeded),
        "failed" => Ok(Status::Failed),
        "cancelled" => Ok(Status::Cancelled),
        _ => Err(format!("status is '{word}'; succeeded, failed or cancelled is wanted")),
    }
}
