//! What a merchant is owed for a day: payments less refunds, fees, and money already advanced.

use crate::model::fees::{FeeError, FeeSchedule};
use money::{Amount, MoneyError};
use types::{MerchantId, OrderId};

/// A succeeded payment or refund of a merchant's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// The order (of a refund: the refund's own).
    pub order: OrderId,
    /// The merchant.
    pub merchant: MerchantId,
    /// `balance` or the channel's code; of a refund: the original's.
    pub method: String,
    /// Minor units.
    pub amount: Amount,
    /// Of a refund: what it gives back of.
    pub refund: Option<RefundOf>,
}

/// The payment a refund belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOf {
    /// The payment's whole amount.
    pub paid: Amount,
    /// What earlier refunds of the same payment came to, without this one.
    pub before: Amount,
}

/// A trade with its fee worked out: a line of the settlement statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The order.
    pub order: OrderId,
    /// The merchant.
    pub merchant: MerchantId,
    /// Added to what the merchant is owed, minor units; negative for refunds.
    pub amount_minor: i64,
    /// Taken from the merchant, minor units; negative when a refund returns it.
    pub fee_minor: i64,
    /// The rule in words.
    pub explanation: String,
}

/// The sums of a merchant's day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Payments, minor units.
    pub payments: Amount,
    /// Refunds, minor units.
    pub refunds: Amount,
    /// Fees taken.
    pub fees: Amount,
    /// Fees returned on refunds.
    pub fees_returned: Amount,
}

impl Totals {
    /// Adds a line.
    pub fn add(&mut self, line: &Line) -> Result<(), MoneyError> {
        let magnitude = |minor: i64| Amount::new(minor.unsigned_abs());
        if line.amount_minor < 0 {
            self.refunds = self.refunds.plus(magnitude(line.amount_minor)?)?;
        } else {
            self.payments = self.payments.plus(magnitude(line.amount_minor)?)?;
        }
        if line.fee_minor < 0 {
            self.fees_returned = self.fees_returned.plus(magnitude(line.fee_minor)?)?;
        } else {
            self.fees = self.fees.plus(magnitude(line.fee_minor)?)?;
        }
        Ok(())
    }

    /// What the day comes to for the merchant; negative when refunds outweigh payments.
    pub fn net_minor(&self) -> i64 {
        let plus =
            i128::from(self.payments.minor()).saturating_add(self.fees_returned.minor().into());
        let minus = i128::from(self.refunds.minor()).saturating_add(self.fees.minor().into());
        // Four amounts of at most i64::MAX: out of range only past any money there is.
        i64::try_from(plus.saturating_sub(minus)).unwrap_or(i64::MIN)
    }
}

/// Works out the fee of a trade under the merchant's plan.
pub fn line(schedule: &FeeSchedule, plan: &str, trade: &Trade) -> Result<Line, FeeError> {
    let (amount_minor, fee_minor, explanation) = match &trade.refund {
        None => {
            let fee = schedule.fee(plan, &trade.method, trade.amount)?;
            (trade.amount.signed(), fee.amount.signed(), fee.explanation)
        }
        Some(of) => {
            let after = of.before.plus(trade.amount)?;
            let returned = |refunded| schedule.returned(plan, &trade.method, of.paid, refunded);
            let back = returned(after)?.minus(returned(of.before)?)?;
            let explanation = schedule.fee(plan, &trade.method, of.paid)?.explanation;
            let negative = |amount: Amount| amount.signed().saturating_neg();
            (negative(trade.amount), negative(back), explanation)
        }
    };
    let (order, merchant) = (trade.order, trade.merchant);
    Ok(Line { order, merchant, amount_minor, fee_minor, explanation })
}

/// How a merchant's day is paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payout {
    /// Repaid of the advance, first of all.
    pub repaid: Amount,
    /// Moved to the merchant's withdrawable account.
    pub settled: Amount,
    /// Carried to the next settlement: what is still owed by the merchant (negative), or zero.
    pub carried_minor: i64,
}

/// Splits a day's net and what was carried from earlier days: the advance is repaid first, the
/// rest is the merchant's; a negative sum is carried (clearing.md: refunds netted, negative
/// carried).
pub fn payout(net_minor: i64, carried_minor: i64, advanced: Amount) -> Result<Payout, MoneyError> {
    let due = net_minor.checked_add(carried_minor).ok_or(MoneyError::TooLarge)?;
    let Ok(due) = Amount::try_from(due) else {
        return Ok(Payout { repaid: Amount::ZERO, settled: Amount::ZERO, carried_minor: due });
    };
    let repaid = due.min(advanced);
    Ok(Payout { repaid, settled: due.minus(repaid)?, carried_minor: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(minor: u64) -> Amount {
        Amount::new(minor).expect("small")
    }

    fn schedule() -> FeeSchedule {
        let text = include_str!("../../../../books/fees.toml");
        FeeSchedule::parse(text, "books/fees.toml").expect("valid")
    }

    fn trade(amount: u64, refund: Option<RefundOf>) -> Trade {
        let (order, merchant) = (OrderId::from_u128(1), MerchantId::from_u128(2));
        Trade { order, merchant, method: "card".to_owned(), amount: fen(amount), refund }
    }

    #[test]
    fn a_day_of_payments_and_partial_refunds() {
        let schedule = schedule();
        let mut totals = Totals::default();
        let trades = [
            trade(10_000, None),
            trade(4_000, Some(RefundOf { paid: fen(10_000), before: fen(0) })),
            trade(6_000, Some(RefundOf { paid: fen(10_000), before: fen(4_000) })),
            trade(500, None),
        ];
        for trade in &trades {
            totals.add(&line(&schedule, "standard", trade).expect("fits")).expect("fits");
        }
        let expected = Totals {
            payments: fen(10_500),
            refunds: fen(10_000),
            fees: fen(63),
            fees_returned: fen(60),
        };
        assert_eq!(totals, expected);
        assert_eq!(totals.net_minor(), 497);
    }

    #[test]
    fn the_advance_is_repaid_before_the_merchant_is_paid() {
        for (net, carried, advanced, repaid, settled, left) in [
            (1_000, 0, 0, 0, 1_000, 0),
            (1_000, 0, 900, 900, 100, 0),
            (500, 0, 900, 500, 0, 0),
            (1_000, -300, 0, 0, 700, 0),
            (100, -300, 900, 0, 0, -200),
            (-100, 0, 0, 0, 0, -100),
        ] {
            let payout = payout(net, carried, fen(advanced)).expect("fits");
            let expected =
                Payout { repaid: fen(repaid), settled: fen(settled), carried_minor: left };
            assert_eq!(payout, expected, "net {net} carried {carried} advanced {advanced}");
        }
    }
}
