//! The general ledger (总账): totals a date, leaf and asset.
//!
//! A path of its own: it is fed by what moved and never reads an account's balance, so that
//! comparing the two (总分核对) proves something.

use crate::chart::GlCode;
use money::AssetId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::BusinessDate;

/// What was debited and credited, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Turnover {
    /// 借方发生额.
    pub debit: u128,
    /// 贷方发生额.
    pub credit: u128,
}

impl Turnover {
    /// Debits less credits.
    pub fn net(&self) -> i128 {
        signed(self.debit).saturating_sub(signed(self.credit))
    }

    fn add(&mut self, other: Self) {
        self.debit = self.debit.saturating_add(other.debit);
        self.credit = self.credit.saturating_add(other.credit);
    }
}

/// 2^64 amounts of 2^63 each stay within 2^127: the cut never happens.
pub(crate) fn signed(sum: u128) -> i128 {
    i128::try_from(sum).unwrap_or(i128::MAX)
}

/// One leaf in one asset on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Line {
    /// Debits less credits before the date.
    pub opening: i128,
    /// What moved on the date.
    pub turnover: Turnover,
}

impl Line {
    /// Debits less credits after the date.
    pub(crate) fn closing(&self) -> i128 {
        self.opening.saturating_add(self.turnover.net())
    }
}

/// A leaf in an asset.
pub(crate) type CellKey = (GlCode, AssetId);

/// The place of a leaf in an asset within every date's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell(u32);

impl Cell {
    fn at(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// All dates.
#[derive(Debug, Clone)]
pub(crate) struct General {
    cells: BTreeMap<CellKey, Cell>,
    closed: BTreeMap<BusinessDate, Vec<Line>>,
    open_date: BusinessDate,
    open: Vec<Line>,
}

impl General {
    pub(crate) fn new(open_date: BusinessDate) -> Self {
        Self { cells: BTreeMap::new(), closed: BTreeMap::new(), open_date, open: Vec::new() }
    }

    /// All of it again: the cells in the order of their places, the lines of every date, the open
    /// one last. `None` if a cell comes twice, dates do not rise, or a date has other lines than
    /// there can be.
    pub(crate) fn restore(
        keys: Vec<CellKey>,
        mut days: Vec<(BusinessDate, Vec<Line>)>,
    ) -> Option<Self> {
        let (open_date, open) = days.pop()?;
        let rise = days.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0))
            && days.last().is_none_or(|last| last.0 < open_date);
        let fit = days.iter().all(|(_, lines)| lines.len() <= keys.len());
        let count = keys.len();
        let places = keys.into_iter().zip(0..).map(|(key, place)| (key, Cell(place)));
        let cells: BTreeMap<CellKey, Cell> = places.collect();
        let whole = cells.len() == count && open.len() == count;
        let general = Self { cells, closed: days.into_iter().collect(), open_date, open };
        (rise && fit && whole).then_some(general)
    }

    /// The cells in the order of their places.
    pub(crate) fn keys_by_place(&self) -> Vec<CellKey> {
        let mut keys: Vec<(Cell, CellKey)> = self.cells.iter().map(|(k, c)| (*c, *k)).collect();
        keys.sort_unstable_by_key(|(cell, _)| cell.0);
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The cell of a leaf in an asset, if it was ever used.
    pub(crate) fn known_cell(&self, key: CellKey) -> Option<Cell> {
        self.cells.get(&key).copied()
    }

    pub(crate) fn open_date(&self) -> BusinessDate {
        self.open_date
    }

    /// The cell of a leaf in an asset, made if it is new.
    pub(crate) fn cell(&mut self, key: CellKey) -> Cell {
        if let Some(cell) = self.cells.get(&key) {
            return *cell;
        }
        let cell = Cell(u32::try_from(self.open.len()).unwrap_or(u32::MAX));
        self.cells.insert(key, cell);
        self.open.push(Line::default());
        cell
    }

    /// Notes that an amount moved on the open date.
    pub(crate) fn post(&mut self, debit: Cell, credit: Cell, amount: u64) {
        let amount = u128::from(amount);
        if let Some(line) = self.open.get_mut(debit.at()) {
            line.turnover.add(Turnover { debit: amount, credit: 0 });
        }
        if let Some(line) = self.open.get_mut(credit.at()) {
            line.turnover.add(Turnover { debit: 0, credit: amount });
        }
    }

    /// Closes the open date; the next opens with its closings.
    pub(crate) fn cut(&mut self, opening: BusinessDate) {
        let next =
            self.open.iter().map(|l| Line { opening: l.closing(), ..Line::default() }).collect();
        let closing = std::mem::replace(&mut self.open, next);
        self.closed.insert(self.open_date, closing);
        self.open_date = opening;
    }

    /// All dates, oldest first; the last is the open one.
    pub(crate) fn days(&self) -> impl Iterator<Item = (BusinessDate, &[Line])> {
        let closed = self.closed.iter().map(|(date, lines)| (*date, lines.as_slice()));
        closed.chain(std::iter::once((self.open_date, self.open.as_slice())))
    }

    /// The lines of a date.
    pub(crate) fn day(&self, date: BusinessDate) -> Option<&[Line]> {
        if date == self.open_date {
            return Some(&self.open);
        }
        self.closed.get(&date).map(Vec::as_slice)
    }

    /// All cells by leaf and asset.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (CellKey, Cell)> {
        self.cells.iter().map(|(key, cell)| (*key, *cell))
    }

    /// A date's line of a cell: zeros before the cell was first used.
    pub(crate) fn line(lines: &[Line], cell: Cell) -> Line {
        lines.get(cell.at()).copied().unwrap_or_default()
    }

    /// What a leaf was debited and credited on a date.
    pub(crate) fn movement(&self, date: BusinessDate, key: CellKey) -> Turnover {
        let line = self.day(date).zip(self.cells.get(&key)).map(|(d, c)| Self::line(d, *c));
        line.unwrap_or_default().turnover
    }

    /// Changes the opening of a cell on the open date, as nothing may.
    #[cfg(test)]
    pub(crate) fn spoil_opening(&mut self, cell: Cell, by: i128) {
        self.open.get_mut(cell.at()).expect("a cell").opening += by;
    }

    /// What a cell was debited and credited since the beginning, added up date by date.
    pub(crate) fn all_time(&self, cell: Cell) -> Turnover {
        let mut sum = Turnover::default();
        for (_, lines) in self.days() {
            sum.add(Self::line(lines, cell).turnover);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_opens_as_the_last_closed() {
        let first = BusinessDate::from_days(20_000);
        let mut general = General::new(first);
        let bank = general.cell((GlCode(1), money::CNY));
        let user = general.cell((GlCode(2), money::CNY));
        general.post(bank, user, 7);
        general.cut(first.next());
        general.post(user, bank, 3);
        let line = General::line(general.day(first.next()).expect("open"), bank);
        assert_eq!((line.opening, line.turnover.net(), line.closing()), (7, -3, 4));
        assert_eq!(general.all_time(user), Turnover { debit: 3, credit: 7 });
        assert_eq!(
            general.movement(first, (GlCode(2), money::CNY)),
            Turnover { debit: 0, credit: 7 }
        );
        assert_eq!(general.days().count(), 2);
    }
}
