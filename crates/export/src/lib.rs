//! The book out as a Parquet file, for whoever has a tool that reads such files: one row a
//! posting, in the order in which they took effect, of any range of accounting dates or of
//! sequence numbers. Reads only, in pages, so memory does not grow with the range.

mod range;
mod rows;

pub use range::{Bound, Range};
pub use rows::schema;

use bookkeeper::{Bookkeeper, TransactionView};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rows::Batch;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use types::{Problem, ProblemKind};

/// Transactions read at a time.
const PAGE: usize = 2_048;

/// Why a book was not exported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The range ends before it begins.
    #[error("the range from {from} ends before it begins, at {to}")]
    RangeInvalid {
        /// Its beginning.
        from: Bound,
        /// Its end.
        to: Bound,
    },
    /// The file cannot be written.
    #[error("{path} cannot be written: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Parquet refuses.
    #[error("{path} cannot be written: {source}", path = path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        source: parquet::errors::ParquetError,
    },
    /// Columns do not make a batch.
    #[error("rows cannot be put into columns: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The book cannot be read.
    #[error(transparent)]
    Book(#[from] bookkeeper::Error),
}

impl Error {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Book(error) => error.code(),
            Self::RangeInvalid { .. } => "export_range_invalid",
            Self::File { .. } | Self::Parquet { .. } | Self::Arrow(_) => "export_failed",
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (kind, zh) = match &error {
            Error::Book(error) => return error.clone().into(),
            Error::RangeInvalid { from, to } => {
                (ProblemKind::Invalid, format!("导出范围起点 {from} 晚于终点 {to}"))
            }
            _ => (ProblemKind::Internal, format!("导出失败：{error}")),
        };
        Self::new(kind, error.code(), error.to_string(), zh)
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Transactions.
    pub transactions: u64,
    /// Rows: what they moved, held or released.
    pub rows: u64,
}

/// Writes the transactions of a range into a new file, beside its name and then moved there, so
/// that a reader sees the whole file or none. A book that grows meanwhile is exported up to where
/// it stood at the beginning.
///
/// # Errors
/// [`Error::RangeInvalid`] before anything is written; the others leave no file.
pub fn ledger(book: &Bookkeeper, range: Range, target: &Path) -> Result<Exported, Error> {
    range.check()?;
    let (after, last) = range.numbers(book);
    let partial = target.with_extension("partial");
    let written = write(book, (after, last), target, &partial);
    if written.is_err() {
        // The error that matters is the one before.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write(
    book: &Bookkeeper,
    (mut after, last): (u64, u64),
    target: &Path,
    partial: &Path,
) -> Result<Exported, Error> {
    let file_error = |source| Error::File { path: target.to_owned(), source };
    let parquet_error = |source| Error::Parquet { path: target.to_owned(), source };
    let file = File::create(partial).map_err(file_error)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("countinghouse".to_owned())
        .build();
    let mut writer =
        ArrowWriter::try_new(file, schema(), Some(properties)).map_err(parquet_error)?;
    let mut exported = Exported::default();
    loop {
        let mut page = book.transactions(Some(after), PAGE)?;
        page.retain(|transaction| transaction.seq <= last);
        let Some(end) = page.last().map(|transaction: &TransactionView| transaction.seq) else {
            break;
        };
        after = end;
        let batch = Batch::of(book, &page);
        exported.transactions += page.len() as u64;
        exported.rows += batch.len() as u64;
        writer.write(&batch.finish()?).map_err(parquet_error)?;
    }
    let mut file = writer.into_inner().map_err(parquet_error)?;
    file.flush().and_then(|()| file.sync_all()).map_err(file_error)?;
    std::fs::rename(partial, target).map_err(file_error)?;
    Ok(exported)
}
