//! Password-free agreements (免密): one a user and merchant, revocable.

use money::Amount;
use types::{MerchantId, Timestamp, UserId};

/// A password-free agreement in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// The user who pays.
    pub user: UserId,
    /// The merchant who is paid.
    pub merchant: MerchantId,
    /// The most one order may take.
    pub per_order: Amount,
    /// The most one day may take.
    pub per_day: Amount,
    /// When it was made.
    pub agreed_at: Timestamp,
}
