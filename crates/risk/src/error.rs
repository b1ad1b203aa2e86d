//! What can go wrong, and what people are told of it.

use types::{Problem, ProblemKind};

/// Why a file of rules or features was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {item}: {reason}")]
pub struct FileError {
    /// The file, as the caller named it.
    pub file: String,
    /// The rule, feature or section at fault (`rule 'large_weak_factor'`), or `line N`.
    pub item: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why risk control could not do what was asked. Judging itself never fails.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A file was refused; the rules that were in force stay.
    #[error(transparent)]
    File(#[from] FileError),
    /// A list entry was refused.
    #[error("{field}: {reason}")]
    ListEntry {
        /// The field at fault.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
        /// The same in Chinese.
        zh: String,
    },
    /// The records failed.
    #[error(transparent)]
    Records(#[from] records::Error),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Records(records::Error::Database(error))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::File(e) => Self::new(
                ProblemKind::Invalid,
                "risk_rules_invalid",
                e.to_string(),
                format!("风控规则文件 {} 的 {} 无效：{}", e.file, e.item, e.reason),
            )
            .at(e.item),
            Error::ListEntry { field, reason, zh } => {
                Self::new(ProblemKind::Invalid, "risk_list_entry_invalid", reason, zh).at(field)
            }
            Error::Records(e) => e.into(),
        }
    }
}
