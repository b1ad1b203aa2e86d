//! What can go wrong in clearing, each with its stable code.

use crate::daybook::DayBookError;
use crate::model::fees::FeeError;
use money::MoneyError;
use types::{BusinessDate, Problem, ProblemKind};

/// Why a step of clearing was not done. Every step may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The date is not the open one.
    #[error("{date} is not the open accounting date, {open} is")]
    NotOpen {
        /// The date asked for.
        date: BusinessDate,
        /// The open date.
        open: BusinessDate,
    },
    /// The date was not cut yet.
    #[error("{0} was not cut yet")]
    NotCut(BusinessDate),
    /// Orders whose money moved on the date are not final yet.
    #[error("{open} orders whose money moved by {date} are not final yet")]
    Unfinished {
        /// The date.
        date: BusinessDate,
        /// How many orders.
        open: u64,
    },
    /// No day book of this channel and date was written, so nothing is expected of it.
    #[error("no day book of channel '{channel}' was written for {date}")]
    NoDayBook {
        /// The channel's code.
        channel: String,
        /// The date.
        date: BusinessDate,
    },
    /// A fee cannot be worked out.
    #[error(transparent)]
    Fee(#[from] FeeError),
    /// A sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A day book cannot be written.
    #[error(transparent)]
    DayBook(#[from] DayBookError),
    /// The records.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// A posting template.
    #[error(transparent)]
    Template(#[from] ledger::TemplateError),
    /// The book.
    #[error(transparent)]
    Book(#[from] bookkeeper::Error),
    /// The book refused a posting.
    #[error(transparent)]
    Post(#[from] bookkeeper::PostError),
    /// A channel.
    #[error(transparent)]
    Channel(#[from] channels::Error),
    /// An order, or a merchant, as its own room tells it.
    #[error(transparent)]
    Room(#[from] Problem),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, zh) = match error {
            Error::Records(error) => return error.into(),
            Error::Template(error) => return error.into(),
            Error::Book(error) => return error.into(),
            Error::Post(error) => return error.into(),
            Error::Channel(error) => return error.into(),
            Error::Room(problem) => return problem,
            Error::NotOpen { date, open } => {
                ("date_not_open", format!("{date} 不是当前会计日期，当前为 {open}"))
            }
            Error::NotCut(date) => ("date_not_cut", format!("{date} 尚未日切")),
            Error::Unfinished { date, open } => {
                ("day_unfinished", format!("{date} 尚有 {open} 笔已动账的订单未终结"))
            }
            Error::NoDayBook { ref channel, date } => {
                ("daybook_unwritten", format!("渠道“{channel}” {date} 的日记账簿尚未生成"))
            }
            Error::Fee(ref fee) => ("fee_undetermined", format!("无法计算手续费：{fee}")),
            Error::Money(ref fault) => ("amount_too_large", format!("金额超限：{fault}")),
            Error::DayBook(ref fault) => {
                let zh = format!("日记账簿写入失败：{fault}");
                return Problem::new(
                    ProblemKind::Internal,
                    "daybook_unwritable",
                    fault.to_string(),
                    zh,
                );
            }
        };
        Problem::new(ProblemKind::Refused, code, error.to_string(), zh)
    }
}
