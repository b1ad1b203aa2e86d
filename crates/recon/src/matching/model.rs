//! The words of matching: flows, statuses, classes, pairs.

use serde::{Deserialize, Serialize};

/// Which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// To us: a payment or a top-up. A channel does not tell the two apart.
    Pay,
    /// Back to the payer.
    Refund,
}

/// How a trade ended. Money moved only under [`Status::Succeeded`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The money moved.
    Succeeded,
    /// It did not, and never will.
    Failed,
    /// Closed or revoked before any money moved.
    Cancelled,
}

/// What a pair is. Exactly one applies; where several would, the first of this list does:
/// a second occurrence is nothing but a duplicate, a one-sided order has no status to compare, an
/// order that succeeded on one side only has no amount to compare, a wrong amount explains a
/// wrong fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// One side lists the same number again (重复).
    Duplicate,
    /// Theirs only (长款): they moved money that we know nothing of.
    MissingAtUs,
    /// Ours only (短款): we count on money that they do not list.
    MissingAtChannel,
    /// It succeeded on one side and not on the other (状态不符).
    Status,
    /// It succeeded on both, with different amounts (金额不符).
    Amount,
    /// The channel kept another fee than we expected (手续费不符).
    Fee,
}

impl Class {
    /// Every class, in the order of precedence.
    pub const ALL: [Self; 6] = [
        Self::Duplicate,
        Self::MissingAtUs,
        Self::MissingAtChannel,
        Self::Status,
        Self::Amount,
        Self::Fee,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::MissingAtUs => "missing_at_us",
            Self::MissingAtChannel => "missing_at_channel",
            Self::Status => "status",
            Self::Amount => "amount",
            Self::Fee => "fee",
        }
    }
}

/// What one side says of a trade.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Side {
    /// The number we sent to the channel (of a refund: the refund's).
    pub our_no: Option<String>,
    /// The channel's own number.
    pub channel_no: Option<String>,
    /// Of a refund: the number we sent for the payment it returns.
    pub refund_of: Option<String>,
    /// Minor units, never negative.
    pub amount_minor: i64,
    /// What the channel keeps, in minor units; negative when it gives a fee back.
    pub fee_minor: i64,
    /// How it ended.
    pub status: Status,
    /// When, in microseconds since the epoch.
    pub at_micros: i64,
    /// Ours: the order id; theirs: the line of the statement.
    pub reference: String,
}

/// Two sides of one trade that do not agree, or one side alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The class.
    pub class: Class,
    /// Which way the money went.
    pub flow: Flow,
    /// What joined the two: our number, or what stands in for it.
    pub key: String,
    /// The how-manieth occurrence of the key this is, from 1.
    pub occurrence: u32,
    /// Our side.
    pub ours: Option<Side>,
    /// The channel's side.
    pub theirs: Option<Side>,
}
