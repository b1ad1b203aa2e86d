//! What can go wrong outside of an [`crate::Answer`].

use crate::{Kind, Why};
use money::Amount;
use types::{Problem, ProblemKind};

/// A fault in `books/channels.toml`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct BookError {
    /// The file as named by the caller.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// Which rule, and what is wrong with the value.
    pub reason: String,
}

/// Why a channel cannot be used, or did not deliver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No channel has this code.
    #[error("no channel is named '{0}'")]
    UnknownChannel(String),
    /// Two channels of one number or code, or an address that is none.
    #[error("channel '{code}': {reason}")]
    Configuration {
        /// The channel.
        code: String,
        /// What is wrong.
        reason: String,
    },
    /// The channel was taken off line.
    #[error("channel '{0}' is off line")]
    OffLine(String),
    /// The channel fails too often at the moment; its circuit is open.
    #[error("channel '{0}' is failing and is given a pause")]
    Failing(String),
    /// The channel does not offer this.
    #[error("channel '{code}' offers no {kind:?}")]
    KindUnsupported {
        /// The channel.
        code: String,
        /// What was asked of it.
        kind: Kind,
    },
    /// The amount is outside of the channel's limits.
    #[error("channel '{code}' takes {min} to {max} minor units, not {amount}")]
    AmountOutside {
        /// The channel.
        code: String,
        /// The least it takes.
        min: Amount,
        /// The most it takes.
        max: Amount,
        /// What was asked.
        amount: Amount,
    },
    /// The payer's token is not of this channel.
    #[error("channel '{0}' does not know tokens of this kind")]
    InstrumentUnsupported(String),
    /// No registered channel can take it.
    #[error("no channel takes {kind:?} of {amount}")]
    NoChannel {
        /// What was asked.
        kind: Kind,
        /// How much.
        amount: Amount,
    },
    /// The channel has no statement of this day yet.
    #[error("channel '{0}' has no statement of this day yet")]
    NotReady(String),
    /// The channel refused a download or a control call.
    #[error("channel '{code}' refused: {refusal}")]
    Refused {
        /// The channel.
        code: String,
        /// The channel's own code and sentence.
        refusal: String,
    },
    /// The channel did not answer a download or a control call.
    #[error("channel '{code}' gave no usable answer: {}", why.code())]
    NoAnswer {
        /// The channel.
        code: String,
        /// What stood in the way.
        why: Why,
    },
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let en = error.to_string();
        let say = |kind, code, zh: String| Problem::new(kind, code, en.clone(), zh);
        match error {
            Error::UnknownChannel(code) => {
                say(ProblemKind::NotFound, "channel_unknown", format!("没有名为“{code}”的渠道"))
                    .at("channel")
            }
            Error::Configuration { code, .. } => {
                say(ProblemKind::Internal, "channel_misconfigured", format!("渠道“{code}”配置有误"))
            }
            Error::OffLine(code) => {
                say(ProblemKind::Unavailable, "channel_off_line", format!("渠道“{code}”已下线"))
                    .at("channel")
            }
            Error::Failing(code) => say(
                ProblemKind::Unavailable,
                "channel_failing",
                format!("渠道“{code}”故障较多，已暂停使用"),
            )
            .at("channel"),
            Error::KindUnsupported { code, .. } => say(
                ProblemKind::Refused,
                "channel_kind_unsupported",
                format!("渠道“{code}”不支持该业务"),
            )
            .at("channel"),
            Error::AmountOutside { code, min, max, amount } => say(
                ProblemKind::Refused,
                "channel_amount_outside",
                format!("渠道“{code}”单笔限额为 {min} 至 {max} 分，本笔为 {amount} 分"),
            )
            .at("amount_minor"),
            Error::InstrumentUnsupported(code) => say(
                ProblemKind::Refused,
                "channel_instrument_unsupported",
                format!("渠道“{code}”不识别该付款工具"),
            )
            .at("instrument_token"),
            Error::NoChannel { amount, .. } => say(
                ProblemKind::Unavailable,
                "channel_none_available",
                format!("没有可用的渠道受理本笔业务（{amount} 分）"),
            ),
            Error::NotReady(code) => say(
                ProblemKind::Unavailable,
                "statement_not_ready",
                format!("渠道“{code}”当日对账单尚未生成"),
            ),
            Error::Refused { code, .. } => {
                say(ProblemKind::Unavailable, "channel_refused", format!("渠道“{code}”拒绝了请求"))
            }
            Error::NoAnswer { code, .. } => say(
                ProblemKind::Unavailable,
                "channel_no_answer",
                format!("渠道“{code}”没有给出可用的答复"),
            ),
        }
    }
}
