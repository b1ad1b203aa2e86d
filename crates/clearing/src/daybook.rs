//! The day book (日记账簿) of a channel account: our own side of reconciliation, one Parquet file a
//! channel and accounting date, the same bytes whenever it is written again.

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use money::Amount;
use parquet::arrow::ArrowWriter;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::{BusinessDate, MerchantId, OrderId, Timestamp};

/// Rows handed to the Parquet writer at a time: bounds memory whatever the day's size.
const BATCH_ROWS: usize = 8_192;

/// Why a day book was not written.
#[derive(Debug, thiserror::Error)]
pub enum DayBookError {
    /// The folder or file cannot be written.
    #[error("day book {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Parquet refuses.
    #[error("day book {path}: {source}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        source: parquet::errors::ParquetError,
    },
    /// Columns do not make a batch.
    #[error("day book: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

/// What a line of the day book is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayBookKind {
    /// A payment through the channel.
    Pay,
    /// A top-up through the channel.
    TopUp,
    /// Money back by the way it came.
    Refund,
}

/// What became of it on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayBookStatus {
    /// The money moved.
    Succeeded,
    /// The channel declined.
    Failed,
    /// We gave it up.
    Cancelled,
}

/// One order that went, or was meant to go, through the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBookRow {
    /// The order.
    pub order: OrderId,
    /// Pay, top-up or refund.
    pub kind: DayBookKind,
    /// The number sent to the channel.
    pub our_no: String,
    /// The channel's own number, once it told us.
    pub channel_order_no: Option<String>,
    /// Of a refund: the number sent for the original.
    pub refund_of: Option<String>,
    /// Minor units, positive for refunds too.
    pub amount: Amount,
    /// The channel's cost we expect, minor units; negative when a refund returns it.
    pub fee_minor: i64,
    /// What became of it.
    pub status: DayBookStatus,
    /// The merchant paid, if any.
    pub merchant: Option<MerchantId>,
    /// When the order was placed.
    pub occurred_at: Timestamp,
}

impl DayBookKind {
    /// The word in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::TopUp => "topup",
            Self::Refund => "refund",
        }
    }
}

impl DayBookStatus {
    /// The word in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The columns of a day book, in order.
pub fn schema() -> Arc<Schema> {
    let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
    let number = |name: &str| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![
        text("order_id", false),
        text("channel", false),
        text("kind", false),
        text("our_no", false),
        text("channel_order_no", true),
        text("refund_of", true),
        number("amount_minor"),
        number("fee_minor"),
        text("status", false),
        text("merchant_id", true),
        number("occurred_at"),
    ]))
}

/// Where the day book of a channel and date lies below `root`.
pub fn path(root: &Path, date: BusinessDate, channel: &str) -> PathBuf {
    root.join(date.to_string()).join(format!("{channel}.parquet"))
}

/// Writes a day book beside its final name, syncs it and moves it there, so that a reader sees
/// the whole file or none. Rows are written in the order given.
pub fn write(
    root: &Path,
    date: BusinessDate,
    channel: &str,
    rows: &[DayBookRow],
) -> Result<PathBuf, DayBookError> {
    let target = path(root, date, channel);
    let partial = target.with_extension("parquet.partial");
    let file_error = |source| DayBookError::File { path: target.clone(), source };
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(file_error)?;
    }
    let parquet_error = |source| DayBookError::Parquet { path: target.clone(), source };
    let file = std::fs::File::create(&partial).map_err(file_error)?;
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .set_created_by("countinghouse".to_owned())
        .build();
    let mut writer =
        ArrowWriter::try_new(file, schema(), Some(properties)).map_err(parquet_error)?;
    for chunk in rows.chunks(BATCH_ROWS) {
        writer.write(&batch(channel, chunk)?).map_err(parquet_error)?;
    }
    let mut file = writer.into_inner().map_err(parquet_error)?;
    file.flush().and_then(|()| file.sync_all()).map_err(file_error)?;
    std::fs::rename(&partial, &target).map_err(file_error)?;
    Ok(target)
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}

fn numbers(values: impl Iterator<Item = i64>) -> ArrayRef {
    let mut builder = Int64Builder::new();
    values.for_each(|value| builder.append_value(value));
    Arc::new(builder.finish())
}

fn batch(channel: &str, rows: &[DayBookRow]) -> Result<RecordBatch, DayBookError> {
    let orders: Vec<String> = rows.iter().map(|row| row.order.to_string()).collect();
    let merchants: Vec<Option<String>> =
        rows.iter().map(|row| row.merchant.map(|id| id.to_string())).collect();
    let columns = vec![
        texts(orders.iter().map(|id| Some(id.as_str()))),
        texts(rows.iter().map(|_| Some(channel))),
        texts(rows.iter().map(|row| Some(row.kind.as_str()))),
        texts(rows.iter().map(|row| Some(row.our_no.as_str()))),
        texts(rows.iter().map(|row| row.channel_order_no.as_deref())),
        texts(rows.iter().map(|row| row.refund_of.as_deref())),
        numbers(rows.iter().map(|row| row.amount.signed())),
        numbers(rows.iter().map(|row| row.fee_minor)),
        texts(rows.iter().map(|row| Some(row.status.as_str()))),
        texts(merchants.iter().map(Option::as_deref)),
        numbers(rows.iter().map(|row| row.occurred_at.as_micros())),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
