//! What can go wrong in this room, and what people are told of it.

use types::{Problem, ProblemKind, RunId};

use crate::{FormatError, Refusal};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of `books/formats` is wrong.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// No format has this id.
    #[error("no statement format is called '{id}'")]
    UnknownFormat {
        /// The id asked for.
        id: String,
    },
    /// The statement was refused whole.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The day book cannot be read, or is not the one wanted.
    #[error("day book {file}{}: {reason}", row.map_or_else(String::new, |r| format!(", row {r}")))]
    DayBook {
        /// The file's name.
        file: String,
        /// The row, from 1, where one is to blame.
        row: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// No such run.
    #[error("there is no run {run}")]
    UnknownRun {
        /// The run asked for.
        run: RunId,
    },
    /// A corrected statement took the run's place: treat the current one.
    #[error("run {run} was superseded by a corrected statement")]
    Superseded {
        /// The run asked for.
        run: RunId,
    },
    /// Breaks that are not treated cannot be closed.
    #[error("{open} breaks of run {run} are not treated yet")]
    Untreated {
        /// The run.
        run: RunId,
        /// How many.
        open: u64,
    },
    /// So many differences that the two files cannot belong together.
    #[error("more than {most} breaks: the statement and the day book do not belong together")]
    TooManyBreaks {
        /// The limit.
        most: usize,
    },
    /// The balance sheet does not add up: a fault of ours, and nothing was kept.
    #[error("the run does not balance: {what}")]
    Unbalanced {
        /// What does not.
        what: String,
    },
    /// The engine failed.
    #[error("matching failed: {reason}")]
    Matching {
        /// The engine's reason.
        reason: String,
    },
    /// The records failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// The book refused a posting or failed.
    #[error(transparent)]
    Book(#[from] bookkeeper::PostError),
    /// A posting template does not fit.
    #[error(transparent)]
    Template(#[from] ledger::TemplateError),
    /// Another room could not do its part.
    #[error(transparent)]
    Other(#[from] Problem),
    /// A task of ours was stopped.
    #[error("the work was stopped before its end")]
    Stopped,
}

impl From<bookkeeper::Error> for Error {
    fn from(error: bookkeeper::Error) -> Self {
        Self::Book(error.into())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Records(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let en = error.to_string();
        let new = |kind, code, zh: String| Self::new(kind, code, en.clone(), zh);
        match error {
            Error::Format(e) => {
                let at = e.line.map_or_else(|| e.file.clone(), |line| format!("{}:{line}", e.file));
                new(ProblemKind::Invalid, "format_invalid", format!("对账单格式文件有误：{e}"))
                    .at(at)
            }
            Error::UnknownFormat { id } => new(
                ProblemKind::NotFound,
                "format_unknown",
                format!("没有名为「{id}」的对账单格式"),
            )
            .at("format"),
            Error::Refused(refusal) => refusal.into(),
            Error::DayBook { file, reason, .. } => new(
                ProblemKind::Invalid,
                "daybook_invalid",
                format!("日记账 {file} 有误：{reason}"),
            )
            .at("daybook"),
            Error::UnknownRun { run } => {
                new(ProblemKind::NotFound, "run_unknown", format!("没有对账批次 {run}")).at("run")
            }
            Error::Superseded { run } => new(
                ProblemKind::Conflict,
                "run_superseded",
                format!("对账批次 {run} 已被更正的对账单取代"),
            )
            .at("run"),
            Error::Untreated { run, open } => new(
                ProblemKind::Conflict,
                "breaks_untreated",
                format!("对账批次 {run} 尚有 {open} 笔差错未处理"),
            )
            .at("run"),
            Error::TooManyBreaks { most } => new(
                ProblemKind::Refused,
                "too_many_breaks",
                format!("差错超过 {most} 笔：对账单与日记账不是同一渠道同一日期"),
            )
            .at("statement"),
            Error::Unbalanced { .. } | Error::Matching { .. } | Error::Stopped => {
                tracing::error!(error = %en, "reconciliation failed by a fault of ours");
                Self::new(
                    ProblemKind::Internal,
                    "recon_fault",
                    "a fault in reconciliation; nothing was changed",
                    "对账内部错误，未做任何更改",
                )
            }
            Error::Records(e) => e.into(),
            Error::Book(e) => e.into(),
            Error::Template(e) => e.into(),
            Error::Other(problem) => problem,
        }
    }
}
