//! One row of a statement, whatever its layout, and the sums over all.

use crate::trade::Trade;
use channels::Settlement;
use money::{Amount, MoneyError};
use std::sync::Arc;
use types::BusinessDate;

/// How a trade is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A payment that counts.
    Paid,
    /// A refund.
    Refunded,
    /// A payment that was undone: it stands there and does not count.
    Revoked,
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) trade: Arc<Trade>,
    pub(super) shown: Shown,
    /// As shown; a planted difference may make it another than the trade's.
    pub(super) amount: Amount,
    /// As shown, positive: charged for a payment, given back for a refund.
    pub(super) fee: Amount,
}

impl Row {
    /// The row that tells the truth about a trade.
    pub(super) fn of(trade: &Arc<Trade>) -> Self {
        let shown = if trade.is_payment() { Shown::Paid } else { Shown::Refunded };
        Self { trade: Arc::clone(trade), shown, amount: trade.amount, fee: trade.fee }
    }

    /// The channel's number of the payment that this row is about.
    pub(super) fn payment_channel_no(&self) -> &str {
        self.trade.original.as_ref().map_or(&self.trade.channel_no, |o| &o.channel_no)
    }

    /// Our number of the payment that this row is about.
    pub(super) fn payment_no(&self) -> &str {
        self.trade.original.as_ref().map_or(&self.trade.no, |o| &o.no)
    }
}

/// The sums over all rows of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) rows: u64,
    pub(super) paid_rows: u64,
    pub(super) refund_rows: u64,
    /// Payments that count.
    pub(super) paid: Amount,
    /// Payments that were undone.
    pub(super) revoked: Amount,
    pub(super) refunded: Amount,
    /// Charged less given back; negative if more was given back.
    pub(super) fee: i64,
}

impl Sums {
    pub(super) fn of(rows: &[Row]) -> Result<Self, MoneyError> {
        let mut sums = Self::default();
        for row in rows {
            sums.rows = sums.rows.saturating_add(1);
            let fee = match row.shown {
                Shown::Paid => {
                    sums.paid_rows = sums.paid_rows.saturating_add(1);
                    sums.paid = sums.paid.plus(row.amount)?;
                    row.fee.signed()
                }
                Shown::Refunded => {
                    sums.refund_rows = sums.refund_rows.saturating_add(1);
                    sums.refunded = sums.refunded.plus(row.amount)?;
                    row.fee.signed().checked_neg().ok_or(MoneyError::TooLarge)?
                }
                Shown::Revoked => {
                    sums.revoked = sums.revoked.plus(row.amount)?;
                    0
                }
            };
            sums.fee = sums.fee.checked_add(fee).ok_or(MoneyError::TooLarge)?;
        }
        Ok(sums)
    }

    /// Payments that count less refunds; negative if more was refunded.
    pub(super) fn received(&self) -> i64 {
        // Two amounts differ by less than an i64 holds.
        self.paid.signed().saturating_sub(self.refunded.signed())
    }

    /// What the channel will pay: the statement is the authority.
    pub(super) fn settlement(&self, date: BusinessDate) -> Result<Settlement, MoneyError> {
        let net = self.received().checked_sub(self.fee).ok_or(MoneyError::TooLarge)?;
        Ok(Settlement {
            date,
            gross_minor: self.paid,
            refunds_minor: self.refunded,
            fee_minor: self.fee,
            net_minor: net,
        })
    }
}
