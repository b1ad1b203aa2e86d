//! `books/channels.toml`: what was agreed with each channel, read strictly.

use crate::{BookError, ChannelKey, Kind};
use money::{Amount, MoneyError, Rate, Rounding};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;
use toml::Spanned;
use types::Text;

/// The least and the most that a time-out may be, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 50..=60_000;
/// The most channels one book may name.
const MAX_CHANNELS: usize = 256;

/// What a channel charges for taking money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostPlan {
    /// The part of each pay and top-up.
    #[serde(rename = "rate_ppm")]
    pub rate: Rate,
    /// How each trade's fee is rounded to a minor unit.
    pub rounding: Rounding,
    /// Whether a refund gives back the fee of its amount, rounded alike.
    pub refunds_return: bool,
}

impl CostPlan {
    /// The fee of one pay or top-up.
    pub fn fee(&self, amount: Amount) -> Result<Amount, MoneyError> {
        self.rate.of(amount, self.rounding)
    }

    /// What one refund of this much gives back of the fee. Each refund is rounded by itself, as
    /// both wallets' statements do, so several part refunds may return a fen more or less than
    /// one whole refund would.
    pub fn returned(&self, refunded: Amount) -> Result<Amount, MoneyError> {
        if self.refunds_return { self.fee(refunded) } else { Ok(Amount::ZERO) }
    }
}

/// What was agreed with one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTerms {
    /// Its number, never reused.
    pub id: u32,
    /// Its name in orders, accounts and files.
    pub code: String,
    /// Its name for people.
    pub name: Text,
    /// What it can be asked to do.
    pub kinds: BTreeSet<Kind>,
    /// How the tokens start that it takes; empty for any.
    pub instruments: Vec<String>,
    /// The least of one trade.
    pub min: Amount,
    /// The most of one trade.
    pub max: Amount,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// The format file that reads its statement.
    pub statement_format: String,
    /// Whether it takes new orders at start.
    pub on_line: bool,
    /// What it charges.
    pub cost: CostPlan,
}

/// One channel as the installation reaches it.
#[derive(Debug, Clone)]
pub struct ChannelConfig {
    /// What was agreed.
    pub terms: ChannelTerms,
    /// Where it listens: `http://host:port`, nothing after it.
    pub url: String,
    /// The shared key.
    pub key: ChannelKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    channel: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: u32,
    code: String,
    en: String,
    zh: String,
    kinds: Vec<Kind>,
    instruments: Vec<String>,
    min_minor: Amount,
    max_minor: Amount,
    timeout_ms: u64,
    statement_format: String,
    on_line: bool,
    cost: CostPlan,
}

/// Reads `books/channels.toml`; the first fault is reported with its line.
pub fn parse(text: &str, file: &str) -> Result<Vec<ChannelTerms>, BookError> {
    let fault = |line, reason| BookError { file: file.to_owned(), line, reason };
    let book: Book = toml::from_str(text).map_err(|error| {
        fault(error.span().map(|s| line_of(text, s.start)), error.message().to_owned())
    })?;
    if book.channel.len() > MAX_CHANNELS {
        return Err(fault(None, format!("more than {MAX_CHANNELS} channels")));
    }
    let mut terms: Vec<ChannelTerms> = Vec::with_capacity(book.channel.len());
    for entry in book.channel {
        let line = Some(line_of(text, entry.span().start));
        let entry = check(entry.into_inner()).map_err(|reason| fault(line, reason))?;
        if let Some(other) = terms.iter().find(|t| t.id == entry.id || t.code == entry.code) {
            return Err(fault(
                line,
                format!(
                    "channel '{}' has the id or the code of channel '{}'",
                    entry.code, other.code
                ),
            ));
        }
        terms.push(entry);
    }
    Ok(terms)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count().saturating_add(1)
}

fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn check(entry: Entry) -> Result<ChannelTerms, String> {
    let code = &entry.code;
    if !is_name(code) {
        return Err(format!("code '{code}' is not a-z 0-9 - starting with a letter, at most 32"));
    }
    if !is_name(&entry.statement_format) {
        return Err(format!(
            "channel '{code}': statement_format '{}' is no name",
            entry.statement_format
        ));
    }
    if entry.en.trim().is_empty() || entry.zh.trim().is_empty() {
        return Err(format!("channel '{code}': a name (en, zh) is empty"));
    }
    let kinds: BTreeSet<Kind> = entry.kinds.iter().copied().collect();
    if kinds.is_empty() || kinds.len() != entry.kinds.len() {
        return Err(format!("channel '{code}': kinds are none, or one stands twice"));
    }
    if entry.min_minor.is_zero() || entry.min_minor > entry.max_minor {
        return Err(format!("channel '{code}': limits must be 1 <= min_minor <= max_minor"));
    }
    if !TIMEOUT_MS.contains(&entry.timeout_ms) {
        return Err(format!(
            "channel '{code}': timeout_ms {} is outside of {} to {}",
            entry.timeout_ms,
            TIMEOUT_MS.start(),
            TIMEOUT_MS.end()
        ));
    }
    if entry.cost.rate.as_ppm() > 1_000_000 {
        return Err(format!("channel '{code}': a cost of more than the whole amount"));
    }
    Ok(ChannelTerms {
        id: entry.id,
        name: Text::new(entry.en, entry.zh),
        kinds,
        instruments: entry.instruments,
        min: entry.min_minor,
        max: entry.max_minor,
        timeout: Duration::from_millis(entry.timeout_ms),
        statement_format: entry.statement_format,
        on_line: entry.on_line,
        cost: entry.cost,
        code: entry.code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../books/channels.toml");

    #[test]
    fn the_shipped_book_names_two_channels() {
        let terms = parse(SHIPPED, "channels.toml").expect("valid");
        let codes: Vec<_> = terms.iter().map(|t| (t.id, t.code.as_str())).collect();
        assert_eq!(codes, [(1, "card"), (2, "wallet")]);
        assert!(terms.iter().all(|t| t.on_line && t.cost.refunds_return));
        assert_eq!(terms.iter().filter(|t| t.kinds.contains(&Kind::Payout)).count(), 1);
    }

    /// Where a fault is reported.
    enum Line {
        FirstChannel,
        SecondChannel,
        Itself,
    }

    #[test]
    fn each_fault_is_refused_with_its_line() {
        use Line::{FirstChannel, Itself, SecondChannel};
        for (from, to, place, reason) in [
            ("code = \"wallet\"", "code = \"card\"", SecondChannel, "has the id or the code"),
            ("id = 2", "id = 1", SecondChannel, "has the id or the code"),
            ("code = \"card\"", "code = \"Card\"", FirstChannel, "is not a-z"),
            ("min_minor = 1\n", "min_minor = 0\n", FirstChannel, "limits must be"),
            ("min_minor = 1\n", "min_minor = -1\n", Itself, "negative"),
            ("timeout_ms = 2_000", "timeout_ms = 9", FirstChannel, "timeout_ms 9"),
            ("rate_ppm = 3_000", "rate_ppm = 1_000_001", FirstChannel, "more than the whole"),
            ("rounding = \"half-even\"", "rounding = \"up-ish\"", Itself, "unknown variant"),
            ("\"refund\", \"payout\"", "\"refund\", \"refund\"", FirstChannel, "stands twice"),
            ("zh = \"钱包渠道\"", "zh = \"\"", SecondChannel, "is empty"),
            ("on_line = true", "online = true", Itself, "unknown field"),
        ] {
            assert!(SHIPPED.contains(from), "{from}");
            let text = SHIPPED.replacen(from, to, 1);
            let offset = match place {
                FirstChannel => text.find("[[channel]]"),
                SecondChannel => text.rfind("[[channel]]"),
                Itself => text.find(to),
            };
            let error = parse(&text, "channels.toml").expect_err(to);
            assert!(error.reason.contains(reason), "{to}: {error}");
            assert_eq!(error.line, offset.map(|o| line_of(&text, o)), "{to}: {error}");
        }
    }

    #[test]
    fn fees_round_half_to_even_trade_by_trade() {
        let plan =
            CostPlan { rate: Rate::ppm(5_000), rounding: Rounding::HalfEven, refunds_return: true };
        let fen = |minor| Amount::new(minor).expect("small");
        for (amount, fee) in [(1, 0), (100, 0), (300, 2), (101, 1)] {
            assert_eq!(plan.fee(fen(amount)), Ok(fen(fee)), "{amount}");
            assert_eq!(plan.returned(fen(amount)), Ok(fen(fee)), "{amount}");
        }
        let kept = CostPlan { refunds_return: false, ..plan };
        assert_eq!(kept.returned(fen(300)), Ok(Amount::ZERO));
    }
}
