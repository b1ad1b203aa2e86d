//! What a unit of this room's writing may fail by.

use types::Problem;

use crate::problems;

/// Why a unit was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The records refused or failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// More than is left of the payment.
    #[error("the refund is more than is left of the payment")]
    RefundTooLarge,
    /// Another room refused.
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
            Error::RefundTooLarge => {
                problems::order_not_refundable("nothing is left of it", "无可退余额")
            }
            Error::Other(problem) => problem,
        }
    }
}
