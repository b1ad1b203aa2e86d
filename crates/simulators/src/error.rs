//! What can go wrong with a simulator itself; what it answers its callers is in `http`.

use std::path::PathBuf;

/// Why a simulator cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A set-up that cannot be played.
    #[error("the simulator's set-up: {0}")]
    Configuration(String),
    /// The port cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A statement file cannot be written or read.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A statement file is not what was written.
    #[error("{path} is not the statement that was written", path = .0.display())]
    Damaged(PathBuf),
    /// The log of trades.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// A record that cannot be written as JSON.
    #[error("a record of the trade log: {0}")]
    Record(#[from] serde_json::Error),
    /// Sums that no longer fit an amount.
    #[error(transparent)]
    Money(#[from] money::MoneyError),
    /// The zip of a statement.
    #[error("cannot pack the statement: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The simulator was stopped.
    #[error("the simulator was stopped")]
    Stopped,
}

/// Names the action and the path of a system error.
pub(crate) fn file_error(
    action: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { action, path, source }
}
