//! Limits as ledger quotas.

use money::{Amount, AssetId};
use types::{AccountId, Timestamp};

/// One quota that a payment from the balance uses up: add, to the payment's own transaction, a
/// posting of the amount from `left` (debit) to `used` (credit). A refund turns it round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaLeg {
    /// What is left of it; must not go below zero.
    pub left: AccountId,
    /// What was used of it.
    pub used: AccountId,
    /// The asset both count in.
    pub asset: AssetId,
    /// Which limit: `life`, `year`, `day_one_factor`, `day_two_factors`, `agreement_day`.
    pub limit_code: &'static str,
    /// The limit of the period.
    pub limit: Amount,
    /// When the period ends; `None`: never.
    pub resets_at: Option<Timestamp>,
}

/// Where one limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitView {
    /// Which limit.
    pub code: &'static str,
    /// The limit of the period.
    pub limit: Amount,
    /// Used or held in this period.
    pub used: Amount,
    /// Left in this period.
    pub left: Amount,
    /// When the period ends; `None`: never.
    pub resets_at: Option<Timestamp>,
}
