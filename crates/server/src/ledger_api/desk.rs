//! What the endpoints of the ledger stand on.

use super::intake::Intake;
use super::keys::LedgerKeys;
use crate::problem::Refusal;
use bookkeeper::Bookkeeper;
use std::sync::Arc;
use types::{Problem, ProblemKind};

/// The book, its keys, and how much may be under way. Cheap to clone.
#[derive(Clone)]
pub struct LedgerDesk {
    pub(super) book: Bookkeeper,
    pub(super) keys: LedgerKeys,
    pub(super) intake: Arc<Intake>,
    /// Whether there is no institution around the book, whose room of clearing cuts the day.
    pub(super) alone: bool,
}

impl LedgerDesk {
    /// The desk of an institution's book.
    pub fn of_institution(book: Bookkeeper, keys: LedgerKeys) -> Self {
        Self { book, keys, intake: Arc::default(), alone: false }
    }

    /// The desk of a book that is nobody else's.
    pub fn alone(book: Bookkeeper, keys: LedgerKeys) -> Self {
        Self { book, keys, intake: Arc::default(), alone: true }
    }

    /// Does what takes its time (reading the book, reading JSON) where waiting is allowed.
    pub(super) async fn aside<T: Send + 'static>(
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        tokio::task::spawn_blocking(work).await.map_err(|_| fault().into())
    }
}

/// Something that cannot happen has.
pub(super) fn fault() -> Problem {
    Problem::new(
        ProblemKind::Internal,
        "internal_fault",
        "a fault of ours; ask for the transactions before you send them again",
        "系统内部错误；重发前请先查询交易",
    )
}
