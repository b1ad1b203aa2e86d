//! What is known after a channel was asked: one of four states, and "not known" is one of them.

use types::Timestamp;

/// What is known about a trade after asking its channel.
///
/// Only [`Answer::Succeeded`], [`Answer::Failed`] and [`Answer::NotFound`] are certain. After
/// [`Answer::Unknown`] the money may or may not have moved: query until certain, and never send
/// the trade under another number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The money has moved.
    Succeeded {
        /// The channel's own number of the trade.
        channel_order_no: String,
        /// When it became final.
        finished_at: Timestamp,
    },
    /// The money has not moved and will not.
    Failed {
        /// The channel's reason, `snake_case` (`insufficient_funds`).
        code: String,
    },
    /// Nobody can say yet.
    Unknown {
        /// What stood in the way.
        why: Why,
    },
    /// The channel never accepted this number (only a query says so): the same number may be sent
    /// again, or the order given up.
    NotFound,
}

/// What stood in the way of a certain answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// The channel has it and has not decided.
    Processing,
    /// No answer within the channel's time-out.
    TimedOut,
    /// The connection could not be made.
    Unreachable,
    /// The connection broke before the whole answer was there.
    Broken,
    /// A 5xx or 429.
    ServerError(u16),
    /// The channel says that the number names another trade.
    Conflict,
    /// An answer that is not of the contract: its form, its size or its signature.
    Malformed,
}

impl Why {
    /// The stable code, `snake_case`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Broken => "connection_broken",
            Self::ServerError(_) => "server_error",
            Self::Conflict => "idempotency_conflict",
            Self::Malformed => "malformed_answer",
        }
    }
}

impl Answer {
    /// Whether the money's fate is known.
    pub const fn is_certain(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// A short stable word for logs and traces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
            Self::NotFound => "not_found",
        }
    }
}
