//! The differences a statement is told to show (docs/reference/channel-contract.md, "Planted
//! differences"). Each sits on a trade of its own, a payment that nobody refunded, so that a
//! difference found is one difference planted.

use super::rows::{Row, Shown};
use crate::chance::Chance;
use crate::config::SimulatorConfig;
use crate::trade::{Trade, TradeKind, channel_no};
use channels::Differences;
use money::{Amount, MoneyError};
use std::collections::HashMap;
use std::sync::Arc;
use types::BusinessDate;

/// What one trade's row does to the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    MissingAtChannel,
    Amount,
    Fee,
    Status,
    Duplicate,
}

/// The rows of a day with so many differences in them, and how many there really are: a small day
/// may not have enough trades for all.
pub(super) fn rows(
    config: &SimulatorConfig,
    date: BusinessDate,
    trades: &[Arc<Trade>],
    refunded: &dyn Fn(&str) -> bool,
    asked: Differences,
) -> Result<(Vec<Row>, Differences), MoneyError> {
    let (lies, mut planted) = choose(config, date, trades, refunded, asked);
    let mut rows = Vec::with_capacity(trades.len());
    for trade in trades {
        tell(&mut rows, config.seed, Row::of(trade), lies.get(trade.no.as_str()).copied())?;
    }
    for number in 0..asked.missing_at_us {
        rows.push(Row::of(&Arc::new(invented(config, date, number)?)));
    }
    planted.missing_at_us = asked.missing_at_us;
    Ok((rows, planted))
}

/// Which trades are lied about: drawn by seed from all that can be, whatever order they came in.
fn choose<'t>(
    config: &SimulatorConfig,
    date: BusinessDate,
    trades: &'t [Arc<Trade>],
    refunded: &dyn Fn(&str) -> bool,
    asked: Differences,
) -> (HashMap<&'t str, Lie>, Differences) {
    let day = date.to_string();
    let mut candidates: Vec<(u64, &str)> = trades
        .iter()
        .filter(|trade| trade.is_payment() && !refunded(&trade.no))
        .map(|trade| (Chance::of(config.seed, &["plant", &day, &trade.no]).number(), &*trade.no))
        .collect();
    candidates.sort_unstable();
    let mut candidates = candidates.into_iter().map(|(_, no)| no);
    let mut planted = Differences::default();
    let mut lies = HashMap::new();
    for (lie, wanted, count) in [
        (Lie::MissingAtChannel, asked.missing_at_channel, &mut planted.missing_at_channel),
        (Lie::Amount, asked.amount, &mut planted.amount),
        (Lie::Fee, asked.fee, &mut planted.fee),
        (Lie::Status, asked.status, &mut planted.status),
        (Lie::Duplicate, asked.duplicate, &mut planted.duplicate),
    ] {
        for no in candidates.by_ref().take(usize::try_from(wanted).unwrap_or(usize::MAX)) {
            lies.insert(no, lie);
            *count = count.saturating_add(1);
        }
    }
    (lies, planted)
}

/// Adds a trade's row, or what is told in its place.
fn tell(rows: &mut Vec<Row>, seed: u64, row: Row, lie: Option<Lie>) -> Result<(), MoneyError> {
    match lie {
        None => rows.push(row),
        Some(Lie::MissingAtChannel) => {}
        Some(Lie::Amount) => {
            // The fee stays the true one: one difference, not two.
            let amount = other(seed, &row.trade.no, row.amount, 99, Amount::new(1)?)?;
            rows.push(Row { amount, ..row });
        }
        Some(Lie::Fee) => {
            let fee = other(seed, &row.trade.no, row.fee, 9, Amount::ZERO)?;
            rows.push(Row { fee, ..row });
        }
        Some(Lie::Status) => {
            rows.push(Row { shown: Shown::Revoked, fee: Amount::ZERO, ..row });
        }
        Some(Lie::Duplicate) => {
            rows.push(row.clone());
            rows.push(row);
        }
    }
    Ok(())
}

/// Another amount: up to `most` more or less, never below `least`.
fn other(
    seed: u64,
    no: &str,
    amount: Amount,
    most: u64,
    least: Amount,
) -> Result<Amount, MoneyError> {
    let mut chance = Chance::of(seed, &["lie", no]);
    let by = Amount::new(chance.below(most).saturating_add(1))?;
    let less = amount.minus(by).ok().filter(|less| *less >= least);
    match less {
        Some(less) if chance.below(2) == 0 => Ok(less),
        _ => amount.plus(by),
    }
}

/// A payment that the institution never made.
fn invented(
    config: &SimulatorConfig,
    date: BusinessDate,
    number: u32,
) -> Result<Trade, MoneyError> {
    let mut chance = Chance::of(config.seed, &["invented", &date.to_string(), &number.to_string()]);
    let no = format!("X{}{number:04}{}", date.compact(), chance.digits(12));
    let amount = Amount::new(chance.below(50_000).saturating_add(100))?;
    let second = i64::try_from(chance.below(86_400)).unwrap_or_default();
    Ok(Trade {
        kind: TradeKind::Pay,
        amount,
        token: chance.digits(16),
        merchant_no: String::new(),
        subject: "其他商品".to_owned(),
        original: None,
        channel_no: channel_no(config.kind, config.seed, TradeKind::Pay, &no, date),
        failure: None,
        finished_at: date.start().plus_seconds(second),
        statement_date: date,
        fee: config.cost.fee(amount)?,
        no,
    })
}
