//! The channel's statement of a day: its rows, the differences planted in them, its sums, and the
//! file in the layout of the channel that is played.

mod card;
mod cells;
mod pack;
mod persona;
mod plant;
mod rows;
mod wallet;

use crate::config::SimulatorConfig;
use crate::trade::Trade;
use crate::{Error, SimulatorKind};
use channels::{Differences, Settlement};
use std::sync::Arc;
use types::BusinessDate;

/// A statement ready to be written.
pub(crate) struct Statement {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) planted: Differences,
    pub(crate) settlement: Settlement,
}

/// Makes the statement of a day's trades: the same trades, in whatever order, give the same bytes.
pub(crate) fn make(
    config: &SimulatorConfig,
    date: BusinessDate,
    trades: &[Arc<Trade>],
    refunded: &dyn Fn(&str) -> bool,
    asked: Differences,
) -> Result<Statement, Error> {
    let (mut rows, planted) = plant::rows(config, date, trades, refunded, asked)?;
    rows.sort_by(|a, b| {
        (a.trade.finished_at, &a.trade.no).cmp(&(b.trade.finished_at, &b.trade.no))
    });
    let sums = rows::Sums::of(&rows)?;
    let (name, bytes) = match config.kind {
        SimulatorKind::Card => (card::file_name(date), card::write(config, &rows, &sums)),
        SimulatorKind::Wallet if config.packed => {
            let detail = pack::Entry {
                name: wallet::entry_name(date, wallet::DETAIL),
                bytes: wallet::detail(config, date, &rows, &sums),
            };
            let summary = pack::Entry {
                name: wallet::entry_name(date, wallet::SUMMARY),
                bytes: wallet::summary(config, date, &sums),
            };
            (wallet::zip_name(date), pack::pack(date, &[detail, summary])?)
        }
        SimulatorKind::Wallet => {
            (wallet::file_name(date), wallet::detail(config, date, &rows, &sums))
        }
    };
    Ok(Statement { name, bytes, planted, settlement: sums.settlement(date)? })
}
