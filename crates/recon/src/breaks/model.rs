//! What a break is, what it means, and what is to be done about it.

use serde::{Deserialize, Serialize};
use types::{BreakId, RunId, Timestamp};

use crate::{Class, Pair};

/// Where a break stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakState {
    /// Written down, nothing posted.
    Found,
    /// What it means for the books is posted.
    Treated,
    /// Nothing is left to do about it.
    Closed,
    /// Its statement was superseded; what had been posted is undone.
    Withdrawn,
}

/// What is to be done about a break, beside the posting that keeps the books true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The channel took money that no order of ours asked for: find the order and supplement it,
    /// or refund the payer (补单 / 退款).
    SupplementOrRefund,
    /// The channel owes us what it does not list: claim it (向渠道追偿).
    ClaimFromChannel,
    /// The payer still waits for a refund the channel did not make: make it again (重新退款).
    RefundAgain,
    /// Take the channel's fee, or question it (手续费调整).
    AdjustFee,
    /// It moved no money: only the record is to be corrected.
    CorrectRecord,
}

/// One difference between our orders and the channel's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// Its id.
    pub id: BreakId,
    /// The run that found it.
    pub run: RunId,
    /// Its place in the run, from 1.
    pub seq: u64,
    /// Class and both sides.
    pub pair: Pair,
    /// What the channel's account is short of (positive: they pay more than we booked), in minor
    /// units.
    pub receivable_minor: i64,
    /// What the channel keeps more than we expected, in minor units.
    pub fee_minor: i64,
    /// What is to be done.
    pub remedy: Remedy,
    /// Where it stands.
    pub state: BreakState,
    /// When it was found.
    pub found_at: Timestamp,
    /// When it was treated.
    pub treated_at: Option<Timestamp>,
    /// When it was closed or withdrawn.
    pub closed_at: Option<Timestamp>,
    /// What the closer wrote.
    pub note: Option<String>,
}

/// Which breaks to list; an empty filter lists all.
#[derive(Debug, Clone, Default)]
pub struct BreakFilter {
    /// Of this run.
    pub run: Option<RunId>,
    /// Of this class.
    pub class: Option<Class>,
    /// In this state.
    pub state: Option<BreakState>,
    /// After this place (of the same run).
    pub after: Option<u64>,
    /// At most this many; 0 means 100, more than 10 000 means 10 000.
    pub limit: u64,
}

/// What a treatment did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    /// The run.
    pub run: RunId,
    /// Breaks treated now or before.
    pub treated: u64,
    /// Breaks of superseded runs whose postings were undone.
    pub undone: u64,
    /// By how much the channel's account moved in all, in minor units.
    pub receivable_minor: i64,
    /// By how much the channel's cost moved in all, in minor units.
    pub fee_minor: i64,
}
