//! What a merchant pays for an order, and for money before its time.

use money::{Amount, MoneyError, Rate, Rounding};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a fee schedule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct FeeScheduleError {
    /// The file as named by the caller.
    pub file: String,
    /// What is wrong.
    pub reason: String,
}

/// Why a fee cannot be worked out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// The merchant's plan is not in the schedule.
    #[error("fee plan '{0}' is not in the schedule")]
    UnknownPlan(String),
    /// No rule of the plan fits the order.
    #[error("fee plan '{plan}' has no rule for method '{method}' and {amount} minor units")]
    NoRule {
        /// The plan.
        plan: String,
        /// `balance` or a channel's code.
        method: String,
        /// Minor units.
        amount: u64,
    },
    /// The sum does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The fee schedule (`books/fees.toml`).
#[derive(Debug, Clone)]
pub struct FeeSchedule {
    plans: BTreeMap<String, Plan>,
    /// The terms of the D0 advance.
    pub advance: AdvanceTerms,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plan: Vec<Plan>,
    advance: AdvanceTerms,
}

/// A named set of rules that a merchant's contract refers to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The name contracts refer to.
    pub code: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
    #[serde(rename = "rule")]
    rules: Vec<Rule>,
}

/// What happens to the fee when the order is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnRefund {
    /// Returned pro rata, with the rule's rounding.
    Returned,
    /// Kept by the institution.
    Kept,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    method: String,
    up_to: Option<Amount>,
    #[serde(with = "money::percent")]
    percent: Rate,
    fixed: Amount,
    min: Amount,
    max: Option<Amount>,
    rounding: Rounding,
    on_refund: OnRefund,
}

/// The terms of money before T+1 (D0 垫资).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceTerms {
    #[serde(with = "money::percent")]
    percent_a_day: Rate,
    min: Amount,
    rounding: Rounding,
    #[serde(with = "money::percent")]
    share: Rate,
}

/// A fee and how it came about, for the line of the settlement statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// What is taken.
    pub amount: Amount,
    /// The rule in words: `0.60% half-even`.
    pub explanation: String,
}

impl FeeSchedule {
    /// Reads and checks a schedule: plan codes unique, every plan ending in a rule without
    /// `up_to` that fits any method, bounds in order, no rate above 100 %.
    pub fn parse(text: &str, file: &str) -> Result<Self, FeeScheduleError> {
        let refuse = |reason: String| FeeScheduleError { file: file.to_owned(), reason };
        let parsed: File = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        let mut plans = BTreeMap::new();
        for plan in parsed.plan {
            plan.check().map_err(|why| refuse(format!("plan '{}': {why}", plan.code)))?;
            if let Some(twice) = plans.insert(plan.code.clone(), plan) {
                return Err(refuse(format!("plan '{}' is listed twice", twice.code)));
            }
        }
        if parsed.advance.share > WHOLE || parsed.advance.percent_a_day > WHOLE {
            return Err(refuse("advance: a rate above 100 %".to_owned()));
        }
        Ok(Self { plans, advance: parsed.advance })
    }

    /// Whether a contract may name this plan.
    pub fn has_plan(&self, code: &str) -> bool {
        self.plans.contains_key(code)
    }

    /// The plans, by code.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values()
    }

    /// The fee of an order of `amount` paid by `method` (`balance` or a channel's code).
    pub fn fee(&self, plan: &str, method: &str, amount: Amount) -> Result<Fee, FeeError> {
        let rule = self.rule(plan, method, amount)?;
        let fee = rule.fee(amount)?;
        Ok(Fee { amount: fee, explanation: rule.explain() })
    }

    /// What of an order's fee comes back when its refunds so far reach `refunded` in all. Work
    /// out each refund's part as the difference to what was returned before, so that many partial
    /// refunds return exactly what one whole refund would.
    pub fn returned(
        &self,
        plan: &str,
        method: &str,
        amount: Amount,
        refunded: Amount,
    ) -> Result<Amount, FeeError> {
        let rule = self.rule(plan, method, amount)?;
        if rule.on_refund == OnRefund::Kept || refunded.is_zero() {
            return Ok(Amount::ZERO);
        }
        let fee = rule.fee(amount)?;
        let left = amount.minus(refunded)?;
        if left.is_zero() {
            return Ok(fee);
        }
        let due = rule.fee(left)?.min(fee);
        Ok(fee.minus(due)?)
    }

    fn rule(&self, plan: &str, method: &str, amount: Amount) -> Result<&Rule, FeeError> {
        let found = self.plans.get(plan).ok_or_else(|| FeeError::UnknownPlan(plan.to_owned()))?;
        found.rules.iter().find(|rule| rule.fits(method, amount)).ok_or_else(|| FeeError::NoRule {
            plan: plan.to_owned(),
            method: method.to_owned(),
            amount: amount.minor(),
        })
    }
}

const WHOLE: Rate = Rate::ppm(1_000_000);

impl Plan {
    fn check(&self) -> Result<(), String> {
        for (number, rule) in self.rules.iter().enumerate() {
            if rule.percent > WHOLE {
                return Err(format!("rule {number}: a rate above 100 %"));
            }
            if rule.max.is_some_and(|max| max < rule.min) {
                return Err(format!("rule {number}: max is below min"));
            }
        }
        match self.rules.last() {
            Some(last) if last.method == "*" && last.up_to.is_none() => Ok(()),
            _ => Err("its last rule must fit any method and any amount".to_owned()),
        }
    }
}

impl Rule {
    fn fits(&self, method: &str, amount: Amount) -> bool {
        (self.method == "*" || self.method == method)
            && self.up_to.is_none_or(|bound| amount <= bound)
    }

    fn fee(&self, amount: Amount) -> Result<Amount, MoneyError> {
        let raw = self.percent.of(amount, self.rounding)?.plus(self.fixed)?;
        let bounded = raw.max(self.min).min(self.max.unwrap_or(Amount::MAX));
        Ok(bounded.min(amount))
    }

    fn explain(&self) -> String {
        let fen = |amount: Amount| money::format_minor(amount.signed(), 2);
        let fixed = (!self.fixed.is_zero()).then(|| format!(" + {}", fen(self.fixed)));
        let min = (!self.min.is_zero()).then(|| format!(", at least {}", fen(self.min)));
        let max = self.max.map(|max| format!(", at most {}", fen(max)));
        [Some(self.percent.to_string()), fixed, min, max].into_iter().flatten().collect()
    }
}

impl AdvanceTerms {
    /// What of a merchant's net takings may be advanced: the share, rounded down.
    pub fn limit(&self, net: Amount) -> Result<Amount, MoneyError> {
        self.share.of(net, Rounding::Down)
    }

    /// The fee of advancing `amount` for `days` natural days (at least one).
    pub fn fee(&self, amount: Amount, days: u32) -> Result<Amount, MoneyError> {
        if amount.is_zero() {
            return Ok(Amount::ZERO);
        }
        let ppm = self.percent_a_day.as_ppm().checked_mul(days.max(1));
        let rate = Rate::ppm(ppm.ok_or(MoneyError::TooLarge)?);
        Ok(rate.of(amount, self.rounding)?.max(self.min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> FeeSchedule {
        FeeSchedule::parse(include_str!("../../../../books/fees.toml"), "books/fees.toml")
            .expect("the shipped schedule is valid")
    }

    fn fen(minor: u64) -> Amount {
        Amount::new(minor).expect("small")
    }

    #[test]
    fn every_form_of_fee_at_its_boundaries() {
        let table = [
            ("standard", "card", 10_000, 60),
            ("standard", "card", 250, 2), // 1.5 fen: half-even goes to 2
            ("standard", "card", 750, 4), // 4.5 fen: half-even goes to 4
            ("standard", "wallet", 1, 0),
            ("small-ticket", "card", 1, 1), // the minimum, bounded by the amount
            ("small-ticket", "card", 1_000, 4),
            ("tiered", "card", 100_000, 600), // the last amount of the first tier
            ("tiered", "card", 100_001, 450),
            ("tiered", "card", 9_000_000, 8_000),
            ("tiered", "balance", 100_000, 300),
        ];
        for (plan, method, amount, fee) in table {
            let got = shipped().fee(plan, method, fen(amount)).expect("a rule fits");
            assert_eq!(got.amount, fen(fee), "{plan} {method} {amount}: {}", got.explanation);
        }
        assert_eq!(
            shipped().fee("none", "card", fen(1)),
            Err(FeeError::UnknownPlan("none".to_owned()))
        );
    }

    #[test]
    fn partial_refunds_return_what_one_whole_refund_returns() {
        let schedule = shipped();
        let paid = fen(9_999);
        let whole = schedule.returned("standard", "card", paid, paid).expect("fits");
        assert_eq!(whole, schedule.fee("standard", "card", paid).expect("fits").amount);
        let mut before = Amount::ZERO;
        for refunded in [1, 3_333, 6_666, 9_998, 9_999] {
            let now = schedule.returned("standard", "card", paid, fen(refunded)).expect("fits");
            assert!(now >= before, "what was returned never shrinks");
            before = now;
        }
        assert_eq!(before, whole);
        assert_eq!(schedule.returned("small-ticket", "card", paid, paid), Ok(Amount::ZERO));
    }

    #[test]
    fn the_advance_costs_at_least_a_day() {
        let terms = shipped().advance;
        assert_eq!(terms.limit(fen(1_111)), Ok(fen(999)));
        assert_eq!(terms.fee(fen(100_000), 1), Ok(fen(50)));
        assert_eq!(terms.fee(fen(100_001), 0), Ok(fen(51)));
        assert_eq!(terms.fee(fen(100_000), 3), Ok(fen(150)));
        assert_eq!(terms.fee(Amount::ZERO, 3), Ok(Amount::ZERO));
    }

    #[test]
    fn wrong_schedules_are_refused_with_their_reason() {
        let shipped = include_str!("../../../../books/fees.toml");
        let table = [
            ("percent = \"0.38\"", "percent = \"0.00001\"", "more decimals"),
            ("percent = \"0.38\"", "percent = \"100.1\"", "above 100 %"),
            ("percent = \"0.38\"", "percent = 0.38", "invalid type"),
            ("code = \"small-ticket\"", "code = \"standard\"", "listed twice"),
            ("max = 8000", "max = -1", "negative"),
            ("min = 0\nmax = 8000", "min = 9000\nmax = 8000", "max is below min"),
            ("rounding = \"half-up\"", "rounding = \"nearest\"", "unknown variant"),
            ("share = \"90.00\"", "share = \"101\"", "above 100 %"),
            (
                "min = 1\nrounding = \"half-up\"",
                "min = 1\nup_to = 5\nrounding = \"half-up\"",
                "last rule",
            ),
        ];
        for (from, to, reason) in table {
            assert!(shipped.contains(from), "{from} is not in the schedule");
            let error =
                FeeSchedule::parse(&shipped.replacen(from, to, 1), "fees.toml").expect_err(reason);
            assert!(error.reason.contains(reason), "{error} lacks '{reason}'");
        }
    }
}
