//! What can go wrong around the book, each with its stable code. Refusals of the book itself are
//! the ledger's.

use crate::past::Unread;
use ledger::Refusal;
use ledger::codec::CodecError;
use types::{BusinessDate, Problem, ProblemKind};

/// Why a call on the bookkeeper failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The journal cannot be opened or read.
    #[error("the journal of the book: {reason}")]
    Journal {
        /// The journal's own code.
        code: &'static str,
        /// The journal's own sentence, naming file and offset.
        reason: String,
    },
    /// The index of the past cannot be made, read or written. Opening the book again builds a
    /// damaged one anew.
    #[error("the index of the book: {reason}")]
    Index {
        /// The index's own code.
        code: &'static str,
        /// The index's own sentence.
        reason: String,
    },
    /// Nothing more is taken, after a failed write or because the book was closed. Whether a
    /// command that was under way is in the book shows once it is opened again: send it again
    /// with the same id.
    #[error("the book takes nothing more: {reason}")]
    Stopped {
        /// What it was stopped by.
        reason: String,
    },
    /// Too much is waiting already; nothing was taken. Send it again later.
    #[error("{limit} {what} are waiting already")]
    Overloaded {
        /// How many may wait.
        limit: usize,
        /// Of what: `submissions` or `bytes`.
        what: &'static str,
    },
    /// More than one submission may hold; nothing was taken.
    #[error("a submission of {found} {what}; at most {limit} are taken")]
    TooLarge {
        /// What there is too much of: `commands` or `bytes`.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        limit: usize,
    },
    /// A journaled batch is sound and yet none of this version.
    #[error("batch {sequence} of the journal cannot be understood: {reason}")]
    Unreadable {
        /// The batch.
        sequence: u64,
        /// Where and why.
        reason: String,
    },
    /// Replaying came to another result than the first time: the chart of accounts was changed
    /// so that the past would have been another.
    #[error(
        "batch {sequence} of the journal says that {recorded} effects came before, but replaying \
         came to {replayed}: the chart of accounts no longer fits the past"
    )]
    Diverged {
        /// The batch before which it shows.
        sequence: u64,
        /// How many effects there were.
        recorded: u64,
        /// How many there are now.
        replayed: u64,
    },
    /// An account of the house's own cannot be opened as the chart wants it.
    #[error("the house's account on leaf {leaf}: {refusal}")]
    HouseAccount {
        /// The leaf.
        leaf: u32,
        /// Why.
        refusal: Refusal,
    },
    /// The book's journal is elsewhere than the configuration says; nothing was changed.
    #[error("the journal of the book in {dir} is {found}: the configuration says otherwise")]
    JournalElsewhere {
        /// The directory.
        dir: String,
        /// Where it is: `in its files`, `not in its files` or `in another database`.
        found: &'static str,
    },
    /// The journal ends before what the last checkpoint tells of. Restore it; or, knowing what is
    /// lost, delete `index/`, and the book is what the journal says.
    #[error(
        "the journal of the book in {dir} ends at batch {ends}, but its index knows batch {known}"
    )]
    JournalLost {
        /// The directory.
        dir: String,
        /// The last batch of the journal.
        ends: u64,
        /// The last batch before the checkpoint.
        known: u64,
    },
    /// The directory holds no book.
    #[error("{dir} holds no book")]
    NoBook {
        /// The directory.
        dir: String,
    },
}

impl Error {
    /// The stable code, `snake_case`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Journal { code, .. } | Self::Index { code, .. } => code,
            Self::Stopped { .. } => "book_stopped",
            Self::Overloaded { .. } => "book_overloaded",
            Self::TooLarge { .. } => "book_submission_too_large",
            Self::Unreadable { .. } => "book_unreadable",
            Self::Diverged { .. } => "book_diverged",
            Self::HouseAccount { .. } => "book_house_account",
            Self::JournalElsewhere { .. } => "book_journal_elsewhere",
            Self::JournalLost { .. } => "book_journal_lost",
            Self::NoBook { .. } => "book_missing",
        }
    }

    /// Whether disk or database gave no answer, and may give one later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.code(), "journal_io" | "journal_database" | "archive_io")
    }

    pub(crate) fn unreadable(sequence: u64, error: &CodecError) -> Self {
        Self::Unreadable { sequence, reason: error.to_string() }
    }
}

impl From<journal::Error> for Error {
    fn from(error: journal::Error) -> Self {
        // What refused a batch while it was replayed is one of ours.
        if let journal::Error::Refused { source, .. } = &error
            && let Some(own) = source.downcast_ref::<Self>()
        {
            return own.clone();
        }
        Self::Journal { code: error.code(), reason: error.to_string() }
    }
}

impl From<archive::Error> for Error {
    fn from(error: archive::Error) -> Self {
        Self::Index { code: error.code(), reason: error.to_string() }
    }
}

impl From<Unread> for Error {
    fn from(error: Unread) -> Self {
        match error {
            Unread::Archive(error) => error.into(),
            Unread::Journal(error) => error.into(),
            Unread::Contradiction(_) => {
                Self::Index { code: "index_contradiction", reason: error.to_string() }
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Stopped { .. }
            | Error::Journal { code: "journal_database" | "journal_deposed", .. } => {
                ProblemKind::Unavailable
            }
            Error::Overloaded { .. } => ProblemKind::Overloaded,
            Error::TooLarge { .. } => ProblemKind::Invalid,
            Error::NoBook { .. } => ProblemKind::NotFound,
            _ => ProblemKind::Internal,
        };
        let zh = match &error {
            Error::Journal { reason, .. } => format!("账本日志出错：{reason}"),
            Error::Index { reason, .. } => format!("账本索引出错：{reason}"),
            Error::Stopped { reason } => format!("账本已停止记账：{reason}"),
            Error::Overloaded { limit, what } => {
                let unit = if *what == "bytes" { "字节" } else { "批" };
                format!("已有 {limit} {unit}指令在排队，请稍后重试")
            }
            Error::TooLarge { what, found, limit } => {
                let unit = if *what == "bytes" { "字节" } else { "条指令" };
                format!("一次提交 {found} {unit}，超过上限 {limit}")
            }
            Error::Unreadable { sequence, reason } => {
                format!("日志第 {sequence} 批无法识别：{reason}")
            }
            Error::Diverged { sequence, recorded, replayed } => format!(
                "日志第 {sequence} 批之前应有 {recorded} 项结果，重放得到 {replayed} 项：\
                 科目表的修改与历史不符"
            ),
            Error::HouseAccount { leaf, refusal } => {
                format!("无法在科目 {leaf} 下开立内部账户：{}", refusal.code())
            }
            Error::JournalElsewhere { dir, found } => {
                let place = match *found {
                    "in its files" => "在其文件中",
                    "not in its files" => "不在其文件中",
                    _ => "在另一数据库中",
                };
                format!("{dir} 的账本日志{place}，与配置不符")
            }
            Error::JournalLost { dir, ends, known } => {
                format!("{dir} 的账本日志止于第 {ends} 批，但索引已知第 {known} 批")
            }
            Error::NoBook { dir } => format!("{dir} 中没有账本"),
        };
        Problem::new(kind, error.code(), error.to_string(), zh)
    }
}

/// Why a transaction was not posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The book refuses it; nothing changed.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The bookkeeper failed; see the error for whether it may be in the book.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl PostError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Fault(error) => error.code(),
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Refused(refusal) => refusal.into(),
            PostError::Fault(error) => error.into(),
        }
    }
}

/// Names the batch that was to be replayed.
pub(crate) fn no_genesis(sequence: u64, date: Option<BusinessDate>) -> Error {
    let reason = match date {
        Some(date) => format!("the book began on {date} already"),
        None => "the book has not begun".to_owned(),
    };
    Error::Unreadable { sequence, reason }
}
