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

    /// Payments less refunds; negative when refunds outweigh.
    pub const fn takings_minor(&self) -> i64 {
        // The difference of two amounts fits.
        self.payments.signed().saturating_sub(self.refunds.signed())
    }

    /// Fees less fees returned.
    pub const fn fees_minor(&self) -> i64 {
        self.fees.signed().saturating_sub(self.fees_returned.signed())
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

/// What a merchant's settlement starts from, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Payments less refunds of the day.
    pub takings_minor: i64,
    /// Takings carried from earlier settlements; negative when refunds outweighed payments.
    pub carried_minor: i64,
    /// Fees of the day less fees returned, and fees that could not be taken before.
    pub fees_minor: i64,
    /// Advanced and not yet repaid.
    pub advanced: Amount,
    /// What the pending account can give now.
    pub available: Amount,
}

/// How a merchant's day is paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payout {
    /// Fees taken now; negative: given back.
    pub fees_minor: i64,
    /// Repaid of the advance, before the merchant sees any of it.
    pub repaid: Amount,
    /// Moved to the merchant's withdrawable account.
    pub settled: Amount,
    /// Takings left for the next settlement; negative when the merchant owes.
    pub carried_minor: i64,
    /// Fees that could not be taken.
    pub fees_owed_minor: i64,
}

/// Splits what a merchant is due: fees first, then the advance, the rest is the merchant's. What
/// the pending account does not hold, because a later refund already drew on it, is carried
/// (clearing.md: refunds netted, negative carried).
pub fn payout(due: Due) -> Result<Payout, MoneyError> {
    let wide = |minor: i64| i128::from(minor);
    let narrow = |minor: i128| i64::try_from(minor).map_err(|_| MoneyError::TooLarge);
    let available = wide(due.available.signed());
    let fees = wide(due.fees_minor).min(available);
    let left = available.saturating_sub(fees);
    let takings = wide(due.takings_minor).saturating_add(wide(due.carried_minor));
    let payable = takings.saturating_sub(fees).clamp(0, left);
    let repaid = payable.min(wide(due.advanced.signed()));
    let settled = payable.saturating_sub(repaid);
    Ok(Payout {
        fees_minor: narrow(fees)?,
        repaid: Amount::try_from(narrow(repaid)?)?,
        settled: Amount::try_from(narrow(settled)?)?,
        carried_minor: narrow(takings.saturating_sub(fees).saturating_sub(payable))?,
        fees_owed_minor: narrow(wide(due.fees_minor).saturating_sub(fees))?,
    })
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
        assert_eq!((totals.takings_minor(), totals.fees_minor()), (500, 3));
    }

    #[test]
    fn fees_first_then_the_advance_then_the_merchant() {
        // takings, carried, fees, advanced, available -> fees, repaid, settled, carried, owed
        for (case, due, out) in [
            ("plain", (1_000, 0, 6, 0, 1_000), (6, 0, 994, 0, 0)),
            ("advance repaid", (1_000, 0, 6, 900, 1_000), (6, 900, 94, 0, 0)),
            ("advance outweighs", (500, 0, 3, 900, 500), (3, 497, 0, 0, 0)),
            ("earlier debt", (1_000, -300, 6, 0, 700), (6, 0, 694, 0, 0)),
            ("more debt than takings", (100, -300, 1, 900, 0), (0, 0, 0, -200, 1)),
            ("a later refund drew on it", (1_000, 0, 6, 0, 400), (6, 0, 394, 600, 0)),
            ("and is netted the next day", (-600, 600, -4, 0, 0), (-4, 0, 4, 0, 0)),
            ("fees given back", (0, 0, -5, 0, 0), (-5, 0, 5, 0, 0)),
            ("nothing there for the fee", (0, 0, 5, 0, 0), (0, 0, 0, 0, 5)),
        ] {
            let (takings_minor, carried_minor, fees_minor, advanced, available) = due;
            let (advanced, available) = (fen(advanced), fen(available));
            let due = Due { takings_minor, carried_minor, fees_minor, advanced, available };
            let (fees_minor, repaid, settled, carried_minor, fees_owed_minor) = out;
            let (repaid, settled) = (fen(repaid), fen(settled));
            let expected = Payout { fees_minor, repaid, settled, carried_minor, fees_owed_minor };
            assert_eq!(payout(due), Ok(expected), "{case}");
        }
    }
}
