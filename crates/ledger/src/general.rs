//! The general ledger: totals a date, leaf and asset, kept apart from the accounts.

use serde::{Deserialize, Serialize};

/// What was debited and credited, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Turnover {
    /// 借方发生额.
    pub debit: u128,
    /// 贷方发生额.
    pub credit: u128,
}
