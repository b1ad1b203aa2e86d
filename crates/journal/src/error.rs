//! What can go wrong with a log, each with its stable code.

use std::io;
use std::path::{Path, PathBuf};

/// Why who reads a log refused a batch.
pub type VisitError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call on a log failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused; after a write or sync the log stands still.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process (or another opening in this one) holds the directory, or the database.
    #[error("{dir} is in use by another process", dir = dir.display())]
    Locked {
        /// The directory, or where the log is.
        dir: PathBuf,
    },
    /// Bytes that were once durable are not what was written.
    #[error("{file} is damaged at byte {offset}: {reason}", file = file.display())]
    Corrupt {
        /// The segment file, or what stands for it in a database.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The directory holds a log of another kind or format version.
    #[error("{file} belongs to a log of kind '{found}', not '{wanted}'", file = file.display())]
    WrongKind {
        /// The segment file.
        file: PathBuf,
        /// The kind it names.
        found: String,
        /// The kind that was asked for.
        wanted: String,
    },
    /// The database that keeps the log gave no answer, or another than it should.
    #[error("cannot {action} the log in {home}: {reason}")]
    Database {
        /// What was tried: `open`, `claim`, `append to`, `read`.
        action: &'static str,
        /// Where the log is, without who connects.
        home: String,
        /// What the server or the connection said.
        reason: String,
    },
    /// Somebody else has claimed the log since: the database refused the append, nothing was
    /// written.
    #[error("the log in {home} was taken over by another writer")]
    Deposed {
        /// Where the log is, without who connects.
        home: String,
    },
    /// An earlier write or sync failed; open the directory again.
    #[error("the log stands still since an earlier failure: {reason}")]
    Stopped {
        /// The earlier failure.
        reason: String,
    },
    /// A batch without a record, or past [`crate::MAX_RECORD_BYTES`] or
    /// [`crate::MAX_BATCH_BYTES`]; nothing was written.
    #[error("a batch of {records} records and {bytes} bytes is not accepted: {reason}")]
    BadBatch {
        /// How many records it has.
        records: usize,
        /// How many bytes.
        bytes: usize,
        /// Which bound it breaks.
        reason: &'static str,
    },
    /// Who reads the log refused a batch.
    #[error("batch {sequence} was refused by its reader: {source}")]
    Refused {
        /// The batch.
        sequence: u64,
        /// Why.
        source: VisitError,
    },
}

impl Error {
    /// Whether what was read is not what was written; otherwise the disk or the database gave no
    /// answer, and may give one later.
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::WrongKind { .. } | Self::Refused { .. })
    }

    /// The stable code, `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "journal_io",
            Self::Locked { .. } => "journal_locked",
            Self::Corrupt { .. } => "journal_corrupt",
            Self::WrongKind { .. } => "journal_wrong_kind",
            Self::Database { .. } => "journal_database",
            Self::Deposed { .. } => "journal_deposed",
            Self::Stopped { .. } => "journal_stopped",
            Self::BadBatch { .. } => "journal_bad_batch",
            Self::Refused { .. } => "journal_refused",
        }
    }
}

/// Names the action and the path of a system error.
pub(crate) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
