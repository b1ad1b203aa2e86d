//! What a unit of this room's writing may fail by.

use types::Problem;

/// Why a unit was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The records refused or failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// A rule, or another room, refused.
    #[error(transparent)]
    Other(#[from] Problem),
}

impl Error {
    /// Whether the key was taken meanwhile.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Records(error) if error.is_unique_violation())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Records(error) => error.into(),
            Error::Other(problem) => problem,
        }
    }
}
