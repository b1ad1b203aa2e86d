//! The trial balance of a date (试算平衡表).

use crate::account::Side;
use crate::chart::{Chart, Class, Fund, GlCode, Node};
use crate::general::{CellKey, General, Line};
use money::AssetId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use types::{BusinessDate, Text};

/// The trial balance of one accounting date. All sums are minor units of the row's asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialBalance {
    /// The accounting date.
    pub date: BusinessDate,
    /// By asset, then by code, a parent right before its children and with their sums; only nodes
    /// under which accounts were opened.
    pub rows: Vec<TrialRow>,
    /// One an asset, over leaves.
    pub totals: Vec<TrialTotal>,
}

/// One GL account in one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialRow {
    /// The asset.
    pub asset: AssetId,
    /// The code.
    pub code: GlCode,
    /// The name.
    pub name: Text,
    /// The class.
    pub class: Class,
    /// The fund; leaves only.
    pub fund: Option<Fund>,
    /// The normal side.
    pub normal: Side,
    /// How far from the top, from 0.
    pub depth: u8,
    /// Whether accounts hang under it.
    pub leaf: bool,
    /// 期初借方余额.
    pub opening_debit: u128,
    /// 期初贷方余额.
    pub opening_credit: u128,
    /// 本期借方发生额.
    pub debit_turnover: u128,
    /// 本期贷方发生额.
    pub credit_turnover: u128,
    /// 期末借方余额.
    pub closing_debit: u128,
    /// 期末贷方余额.
    pub closing_credit: u128,
}

/// The foot of the trial balance in one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialTotal {
    /// The asset.
    pub asset: AssetId,
    /// 期初借方余额.
    pub opening_debit: u128,
    /// 期初贷方余额.
    pub opening_credit: u128,
    /// 本期借方发生额.
    pub debit_turnover: u128,
    /// 本期贷方发生额.
    pub credit_turnover: u128,
    /// 期末借方余额.
    pub closing_debit: u128,
    /// 期末贷方余额.
    pub closing_credit: u128,
}

impl TrialTotal {
    /// Whether each pair of columns agrees.
    pub const fn balanced(&self) -> bool {
        self.opening_debit == self.opening_credit
            && self.debit_turnover == self.credit_turnover
            && self.closing_debit == self.closing_credit
    }
}

/// The six columns of one row.
#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    opening: [u128; 2],
    turnover: [u128; 2],
    closing: [u128; 2],
}

/// A net sum on its side: debit, credit.
fn on_side(net: i128) -> [u128; 2] {
    if net >= 0 { [net.unsigned_abs(), 0] } else { [0, net.unsigned_abs()] }
}

fn add(sum: &mut [u128; 2], more: [u128; 2]) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = sum.saturating_add(more);
    }
}

impl Columns {
    fn of(line: Line) -> Self {
        Self {
            opening: on_side(line.opening),
            turnover: [line.turnover.debit, line.turnover.credit],
            closing: on_side(line.closing()),
        }
    }

    fn add(&mut self, more: Self) {
        add(&mut self.opening, more.opening);
        add(&mut self.turnover, more.turnover);
        add(&mut self.closing, more.closing);
    }
}

/// The lines of a date; of a date that was never open, what the last one before it carries over.
fn lines(general: &General, date: BusinessDate) -> BTreeMap<CellKey, Line> {
    let last = general.days().take_while(|(day, _)| *day <= date).last();
    let Some((day, lines)) = last else { return BTreeMap::new() };
    let carried = |line: Line| Line { opening: line.closing(), ..Line::default() };
    let line = |cell| {
        let line = General::line(lines, cell);
        if day == date { line } else { carried(line) }
    };
    general.keys().map(|(key, cell)| (key, line(cell))).collect()
}

/// The trial balance of a date.
pub(crate) fn balance(chart: &Chart, general: &General, date: BusinessDate) -> TrialBalance {
    let lines = lines(general, date);
    let assets: BTreeSet<AssetId> = lines.keys().map(|(_, asset)| *asset).collect();
    let mut rows = Vec::new();
    let mut totals = Vec::new();
    for asset in assets {
        let mut columns: BTreeMap<GlCode, Columns> = BTreeMap::new();
        let mut total = Columns::default();
        for ((leaf, _), line) in lines.iter().filter(|((_, of), _)| *of == asset) {
            let own = Columns::of(*line);
            total.add(own);
            let mut node = chart.node(*leaf);
            while let Some(at) = node {
                columns.entry(at.code).or_default().add(own);
                node = at.parent.and_then(|parent| chart.node(parent));
            }
        }
        let listed = chart.nodes().filter_map(|n| Some(row(asset, n, columns.get(&n.code)?)));
        rows.extend(listed);
        totals.push(foot(asset, total));
    }
    TrialBalance { date, rows, totals }
}

fn row(asset: AssetId, node: &Node, columns: &Columns) -> TrialRow {
    let [opening_debit, opening_credit] = columns.opening;
    let [debit_turnover, credit_turnover] = columns.turnover;
    let [closing_debit, closing_credit] = columns.closing;
    TrialRow {
        asset,
        code: node.code,
        name: node.name.clone(),
        class: node.class,
        fund: node.fund,
        normal: node.normal,
        depth: node.depth,
        leaf: node.leaf,
        opening_debit,
        opening_credit,
        debit_turnover,
        credit_turnover,
        closing_debit,
        closing_credit,
    }
}

fn foot(asset: AssetId, columns: Columns) -> TrialTotal {
    let [opening_debit, opening_credit] = columns.opening;
    let [debit_turnover, credit_turnover] = columns.turnover;
    let [closing_debit, closing_credit] = columns.closing;
    TrialTotal {
        asset,
        opening_debit,
        opening_credit,
        debit_turnover,
        credit_turnover,
        closing_debit,
        closing_credit,
    }
}
