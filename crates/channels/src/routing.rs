//! Which channel may take a new order, and which of several is best.

use crate::{Channel, Error, Kind};
use money::Amount;

/// Whether what was agreed with a channel, and people's switch, let it take such an order.
pub(crate) fn fits(
    channel: &Channel,
    kind: Kind,
    amount: Amount,
    instrument: Option<&str>,
) -> Result<(), Error> {
    let terms = channel.terms();
    let code = || terms.code.clone();
    if !terms.kinds.contains(&kind) {
        return Err(Error::KindUnsupported { code: code(), kind });
    }
    if amount < terms.min || amount > terms.max {
        return Err(Error::AmountOutside { code: code(), min: terms.min, max: terms.max, amount });
    }
    let known = |token: &str| {
        terms.instruments.is_empty() || terms.instruments.iter().any(|i| token.starts_with(i))
    };
    if instrument.is_some_and(|token| !known(token)) {
        return Err(Error::InstrumentUnsupported(code()));
    }
    if !channel.gauge().on_line() {
        return Err(Error::OffLine(code()));
    }
    Ok(())
}

/// The channel itself if its circuit lets a new order through. Asked last: it may use up the trial.
pub(crate) fn admitted(channel: Channel) -> Result<Channel, Error> {
    if channel.gauge().admit() {
        Ok(channel)
    } else {
        Err(Error::Failing(channel.code().to_owned()))
    }
}

/// Every channel that fits, best first.
pub(crate) fn ranked(
    channels: &[Channel],
    kind: Kind,
    amount: Amount,
    instrument: Option<&str>,
) -> Vec<Channel> {
    let mut fitting: Vec<_> = channels
        .iter()
        .filter(|channel| fits(channel, kind, amount, instrument).is_ok())
        .map(|channel| {
            // A cost past the largest amount sorts last; it cannot be paid anyway.
            let cost = match kind {
                Kind::Pay | Kind::Topup => channel.terms().cost.fee(amount).unwrap_or(Amount::MAX),
                Kind::Refund | Kind::Payout => Amount::ZERO,
            };
            let (_, health) = channel.gauge().read();
            let misses = 1_000_000u32.saturating_sub(health.success_ppm());
            ((cost, misses, channel.terms().id), channel.clone())
        })
        .collect();
    fitting.sort_by_key(|(rank, _)| *rank);
    fitting.into_iter().map(|(_, channel)| channel).collect()
}
