//! What can go wrong with the records, and what people are told of it.

use sea_orm::{DbErr, SqlErr};
use types::{Problem, ProblemKind};

/// Why the records could not do what was asked. It is `Clone` because a failed commit is told to
/// every caller whose unit was in the batch.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The URL names no database this build can open.
    #[error("records URL '{url}': {reason}")]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A migration cannot be applied to what the database holds.
    #[error("migration {room}/{step}: {fault}")]
    Migration {
        /// The room that owns the tables.
        room: String,
        /// The step's name.
        step: String,
        /// What is wrong.
        fault: MigrationFault,
    },
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The transaction of the batch did not commit; nothing of it is kept.
    #[error("the transaction did not commit: {0}")]
    Commit(DbErr),
    /// The connection broke while the batch was being committed, and what became of it could not
    /// be learnt: it was kept whole or not at all.
    #[error(
        "the connection to the database broke in a commit, and after {seconds} seconds it is not \
        known whether it was kept: look before asking again, or ask under the same key"
    )]
    FateUnknown {
        /// How long the answer was looked for.
        seconds: u64,
    },
    /// Another process has the right to write these records.
    #[error("another process writes these records; nothing was changed")]
    InUse,
    /// The queue of units stayed full for as long as a caller may wait.
    #[error("too many units wait to be written")]
    Overloaded,
    /// A unit took longer than its time and was rolled back.
    #[error("the unit took longer than {seconds} seconds and was rolled back")]
    UnitTooSlow {
        /// The limit.
        seconds: u64,
    },
    /// A unit panicked and was rolled back.
    #[error("the unit panicked and was rolled back")]
    UnitPanicked,
    /// The records are closed, or the writer has stopped.
    #[error("the records are closed")]
    Closed,
    /// A stored row does not have the form this program writes.
    #[error("{table}: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What was found.
        reason: String,
    },
}

impl From<pg::UrlError> for Error {
    fn from(error: pg::UrlError) -> Self {
        Self::Url { url: error.url, reason: error.reason }
    }
}

/// What is wrong with a migration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationFault {
    /// The step was changed after it had been applied.
    #[error("its text was altered after it had been applied (applied {applied}, now {now})")]
    Altered {
        /// SHA-256 of the text that was applied.
        applied: String,
        /// SHA-256 of the text the program carries.
        now: String,
    },
    /// The database has this step and the program does not: the program is older than the data.
    #[error("the database has it and this program does not: the data is of a newer program")]
    Newer,
    /// The program has another step at this place.
    #[error("the database has '{applied}' at this place: steps may only be added at the end")]
    OutOfOrder {
        /// The step the database has there.
        applied: String,
    },
    /// Two steps of the room, or two rooms, have the same name.
    #[error("it is named twice")]
    Twice,
    /// Its SQL failed; nothing of the upgrade was kept.
    #[error("its SQL failed: {0}")]
    Failed(String),
}

impl Error {
    /// Whether a UNIQUE or PRIMARY KEY rule refused the row: the caller's key is taken.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(e)
            if matches!(e.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let en = error.to_string();
        match error {
            Error::Url { url, reason } => Self::new(
                ProblemKind::Invalid,
                "records_url_invalid",
                en,
                format!("数据库地址 '{url}' 不可用：{reason}"),
            )
            .at("records.url"),
            Error::Migration { room, step, fault } => Self::new(
                ProblemKind::Internal,
                "records_migration_refused",
                en,
                format!("数据库升级步骤 {room}/{step} 被拒绝：{fault}"),
            ),
            Error::Overloaded => Self::new(
                ProblemKind::Overloaded,
                "records_overloaded",
                en,
                "等待写入的请求过多，请稍后重试",
            ),
            Error::FateUnknown { .. } => Self::new(
                ProblemKind::Unavailable,
                "records_fate_unknown",
                en,
                "写入数据库时连接中断，尚不知是否已保存：请先查询结果，或使用同一幂等键重试",
            ),
            Error::InUse => Self::new(
                ProblemKind::Conflict,
                "records_in_use",
                en,
                "另一个进程正在写入该数据库，未做任何更改",
            ),
            Error::Commit(_) | Error::Database(_) | Error::UnitTooSlow { .. } | Error::Closed => {
                Self::new(
                    ProblemKind::Unavailable,
                    "records_unavailable",
                    "the records cannot be reached now; the same call may succeed later",
                    "数据库暂不可用，请稍后重试",
                )
            }
            Error::UnitPanicked | Error::Corrupt { .. } => Self::new(
                ProblemKind::Internal,
                "records_fault",
                "a fault in the records; nothing was changed",
                "数据库内部错误，未做任何更改",
            ),
        }
    }
}
