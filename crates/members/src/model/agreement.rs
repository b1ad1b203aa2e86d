//! Agreements that let a merchant take money without the payer's password at each order: one of a
//! kind, a user and a merchant, revocable.

use money::Amount;
use types::{MerchantId, Timestamp, UserId};

/// What an agreement allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgreementKind {
    /// 免密: the user orders, and types no password.
    PasswordFree,
    /// 代扣: the merchant orders by itself, as for a bill that is due.
    Withholding,
}

/// An agreement in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// What it allows.
    pub kind: AgreementKind,
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
