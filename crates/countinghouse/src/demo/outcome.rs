//! What a demo day came to: the contract's JSON, and a summary for people.

use channels::Differences;
use recon::proofs::Proofs;
use serde::Serialize;
use types::Locale;

/// The JSON object of `countinghouse demo --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayOutcome {
    /// Orders of the day by what became of them.
    pub orders: Orders,
    /// Risk decisions of the day: every order has one, so they sum to its orders.
    pub risk: Decisions,
    /// Reconciliation of the day, all channels.
    pub recon: Reconciled,
    /// What the simulators say they planted: must equal the breaks found.
    #[serde(skip)]
    pub planted: Breaks,
    /// Settlement of the day.
    pub settlement: Settled,
    /// The four proofs, after everything.
    pub proofs: Proofs,
    /// Wall-clock seconds of the whole run.
    pub seconds: f64,
}

/// Orders by what became of them: `succeeded` and `failed` make up `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Orders {
    /// All orders, refunds among them.
    pub total: u64,
    /// Whose money moved.
    pub succeeded: u64,
    /// Refused, declined or cancelled.
    pub failed: u64,
    /// Payments of which money was given back: the succeeded refund orders.
    pub refunded: u64,
}

/// Risk decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// Let pass.
    pub accepted: u64,
    /// Asked for a stronger factor.
    pub step_up: u64,
    /// Held for a person.
    pub review: u64,
    /// Refused.
    pub rejected: u64,
}

/// What reconciliation found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Pairs that agree.
    pub matched: u64,
    /// Differences by class.
    pub breaks: Breaks,
}

/// Differences by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Breaks {
    /// Theirs only (长款).
    pub missing_at_us: u64,
    /// Ours only (短款).
    pub missing_at_channel: u64,
    /// Another amount.
    pub amount: u64,
    /// Another fee.
    pub fee: u64,
    /// Another status.
    pub status: u64,
    /// Listed twice.
    pub duplicate: u64,
}

impl Breaks {
    /// What the simulators say they planted.
    pub fn planted(differences: &Differences) -> Self {
        Self {
            missing_at_us: differences.missing_at_us.into(),
            missing_at_channel: differences.missing_at_channel.into(),
            amount: differences.amount.into(),
            fee: differences.fee.into(),
            status: differences.status.into(),
            duplicate: differences.duplicate.into(),
        }
    }

    /// Class by class.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            missing_at_us: self.missing_at_us.saturating_add(other.missing_at_us),
            missing_at_channel: self.missing_at_channel.saturating_add(other.missing_at_channel),
            amount: self.amount.saturating_add(other.amount),
            fee: self.fee.saturating_add(other.fee),
            status: self.status.saturating_add(other.status),
            duplicate: self.duplicate.saturating_add(other.duplicate),
        }
    }

    const fn all(self) -> u64 {
        self.missing_at_us
            .saturating_add(self.missing_at_channel)
            .saturating_add(self.amount)
            .saturating_add(self.fee)
            .saturating_add(self.status)
            .saturating_add(self.duplicate)
    }
}

/// What was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Merchants settled.
    pub merchants: usize,
    /// What they are paid net of fees, advances included, fen.
    pub net_minor: i64,
    /// Fees taken less fees given back, the advance's included, fen.
    pub fees_minor: i64,
    /// Paid before T+1, fen.
    pub advanced_minor: i64,
}

fn yuan(minor: i64) -> String {
    let plain = money::format_minor(minor.saturating_abs(), 2);
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && whole.len().saturating_sub(index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}.{cents}", if minor < 0 { "-" } else { "" })
}

impl DayOutcome {
    /// A summary that a visitor understands.
    pub fn summary(&self, locale: Locale) -> String {
        let Self { orders, risk, recon, settlement, proofs, seconds, .. } = self;
        let Orders { total, succeeded, failed, refunded } = orders;
        let Decisions { accepted, step_up, review, rejected } = risk;
        let Reconciled { matched, breaks } = recon;
        let Breaks { missing_at_us, missing_at_channel, amount, fee, status, duplicate } = breaks;
        let found = breaks.all();
        let merchants = settlement.merchants;
        let [net, fees, advanced] =
            [settlement.net_minor, settlement.fees_minor, settlement.advanced_minor].map(yuan);
        let day = match locale {
            Locale::En => format!(
                "  Orders       {total} placed · {succeeded} succeeded · {failed} failed · {refunded} refunds\n  \
                 Risk         {accepted} accepted · {step_up} stepped up · {review} reviewed · {rejected} rejected\n  \
                 Settlement   {merchants} merchants get CNY {net} net, fees CNY {fees}, advanced CNY {advanced}\n  \
                 Reconciled   {matched} pairs agree · {found} breaks found and treated: {missing_at_us} only theirs, \
                 {missing_at_channel} only ours, {amount} amount, {fee} fee, {status} status, {duplicate} duplicate"
            ),
            Locale::Zh => format!(
                "  订单   共 {total} 笔 · 成功 {succeeded} · 失败 {failed} · 退款 {refunded}\n  \
                 风控   通过 {accepted} · 加强验证 {step_up} · 人工审核 {review} · 拒绝 {rejected}\n  \
                 结算   {merchants} 家商户净额 {net} 元，手续费 {fees} 元，垫资 {advanced} 元\n  \
                 对账   {matched} 笔一致 · 差错 {found} 笔均已处理：长款 {missing_at_us}、短款 {missing_at_channel}、\
                 金额 {amount}、手续费 {fee}、状态 {status}、重复 {duplicate}"
            ),
        };
        let proof = |holds: bool, en: &str, zh: &str| {
            let mark = if holds { "✓" } else { "✗" };
            format!("    {mark} {}", pick(locale, en, zh))
        };
        let took = match locale {
            Locale::En => format!("  {seconds:.1} seconds, every order durable"),
            Locale::Zh => format!("  用时 {seconds:.1} 秒，每笔订单均已落盘"),
        };
        [
            day,
            pick(locale, "  The books", "  账务核对").to_owned(),
            proof(proofs.debits_equal_credits, "debits equal credits", "借贷平衡"),
            proof(
                proofs.subledger_equals_gl,
                "every account sums to the general ledger",
                "总分相符",
            ),
            proof(
                proofs.reserve_covers_liabilities,
                "the reserve covers what customers are owed",
                "备付金覆盖客户负债",
            ),
            proof(proofs.orders_equal_ledger, "every order equals its entries", "订单与账务一致"),
            took,
        ]
        .join("\n")
    }
}

fn pick<'a>(locale: Locale, en: &'a str, zh: &'a str) -> &'a str {
    match locale {
        Locale::En => en,
        Locale::Zh => zh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_grouped() {
        for (minor, text) in
            [(0, "0.00"), (-5, "-0.05"), (123_456_789, "1,234,567.89"), (99_999, "999.99")]
        {
            assert_eq!(yuan(minor), text);
        }
    }

    #[test]
    fn the_json_has_the_keys_of_the_contract() {
        let outcome = DayOutcome {
            orders: Orders { total: 2, succeeded: 1, failed: 1, refunded: 0 },
            risk: Decisions { accepted: 2, step_up: 0, review: 0, rejected: 0 },
            recon: Reconciled::default(),
            planted: Breaks::default(),
            settlement: Settled { merchants: 1, net_minor: 3, fees_minor: 2, advanced_minor: 1 },
            proofs: Proofs {
                debits_equal_credits: true,
                subledger_equals_gl: true,
                reserve_covers_liabilities: true,
                orders_equal_ledger: true,
                findings: vec!["not shown".to_owned()],
            },
            seconds: 1.5,
        };
        let expected = serde_json::json!({
            "orders": {"total": 2, "succeeded": 1, "failed": 1, "refunded": 0},
            "risk": {"accepted": 2, "step_up": 0, "review": 0, "rejected": 0},
            "recon": {"matched": 0, "breaks": {"missing_at_us": 0, "missing_at_channel": 0,
                "amount": 0, "fee": 0, "status": 0, "duplicate": 0}},
            "settlement": {"merchants": 1, "net_minor": 3, "fees_minor": 2, "advanced_minor": 1},
            "proofs": {"debits_equal_credits": true, "subledger_equals_gl": true,
                "reserve_covers_liabilities": true, "orders_equal_ledger": true},
            "seconds": 1.5
        });
        assert_eq!(serde_json::to_value(&outcome).expect("serialises"), expected);
    }
}
