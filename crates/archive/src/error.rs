//! What can go wrong with an archive, each with its stable code.

use std::io;
use std::path::{Path, PathBuf};

/// Why a call on an archive failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what was written, or not there.
    #[error("{file} is damaged at byte {offset}: {reason}", file = file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// Writing or merging failed earlier; open the archive again.
    #[error("the archive stands still since an earlier failure: {reason}")]
    Stopped {
        /// The earlier failure.
        reason: String,
    },
}

impl Error {
    /// The stable code, `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "archive_io",
            Self::Corrupt { .. } => "archive_corrupt",
            Self::Stopped { .. } => "archive_stopped",
        }
    }
}

/// Names the action and the path of a system error.
pub(crate) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}

/// A file that is not what was written.
pub(crate) fn corrupt(file: &Path, offset: u64, reason: &'static str) -> Error {
    Error::Corrupt { file: file.to_owned(), offset, reason }
}
