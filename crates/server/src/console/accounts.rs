//! `/accounts`: the chart of accounts as a tree, with what stood on it at the end of a date, rolled
//! up to parents and classes.

use super::frame::{Frame, Section, Visit};
use super::unit::Unit;
use super::words;
use super::{Page, given, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use ledger::{Assets, Chart, Class, Fund, GlCode, Side, TrialBalance, TrialRow};
use money::CNY;
use serde::Deserialize;
use std::collections::BTreeMap;
use types::{BusinessDate, Locale};

/// The classes in the order of the balance sheet and the income statement.
const CLASSES: [Class; 6] =
    [Class::Asset, Class::Liability, Class::Common, Class::Equity, Class::Income, Class::Expense];

/// One node of the chart.
struct Row {
    code: GlCode,
    depth: u8,
    leaf: bool,
    name: String,
    fund: &'static str,
    debit: String,
    credit: String,
    /// On the normal side.
    balance: String,
    /// On the other side than the normal one.
    contrary: bool,
}

/// A class with its sum.
struct Group {
    name: &'static str,
    side: &'static str,
    total: String,
    rows: Vec<Row>,
}

/// What is no money: quotas and the like.
struct Memo {
    code: GlCode,
    name: String,
    asset: String,
    debit: String,
    credit: String,
    balance: String,
}

/// A term of the equation.
struct Term {
    sign: &'static str,
    name: &'static str,
    value: String,
}

/// The chart.
#[derive(Template)]
#[template(path = "accounts.html")]
pub(super) struct Accounts {
    frame: Frame,
    date: BusinessDate,
    open: bool,
    /// Whether nodes on which nothing ever stood are shown.
    all: bool,
    groups: Vec<Group>,
    memo: Vec<Memo>,
    /// Assets = liabilities + ... in yuan.
    terms: Vec<Term>,
    equal: bool,
}

/// Which date, and whether empty nodes too.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    date: String,
    all: bool,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let open = site.book.open_date();
    let date = given::date(&query.date, "date")?.unwrap_or(open);
    let balance = site.book.trial_balance(date);
    let frame = Frame::new(&site, visit, Section::Ledger);
    let shown = Shown { open: date == open, all: query.all };
    page(&Accounts::new(frame, &site.chart, &site.assets, &balance, shown))
}

/// What the reader asked for.
#[derive(Clone, Copy)]
struct Shown {
    open: bool,
    all: bool,
}

pub(super) const fn class(class: Class, l: Locale) -> &'static str {
    let (en, zh) = match class {
        Class::Asset => ("Assets", "资产"),
        Class::Liability => ("Liabilities", "负债"),
        Class::Common => ("Common", "共同"),
        Class::Equity => ("Equity", "所有者权益"),
        Class::Income => ("Income", "收入"),
        Class::Expense => ("Expenses", "费用"),
        Class::Memo => ("Off balance sheet", "表外"),
    };
    words::pick(l, en, zh)
}

pub(super) const fn fund(fund: Option<Fund>, l: Locale) -> &'static str {
    let (en, zh) = match fund {
        Some(Fund::Reserve) => ("reserve", "备付金"),
        Some(Fund::Own) => ("own", "自有"),
        Some(Fund::Memo) => ("memo", "表外"),
        None => ("", ""),
    };
    words::pick(l, en, zh)
}

/// A side of an account.
pub(super) const fn side(side: Side, l: Locale) -> &'static str {
    match side {
        Side::Debit => words::pick(l, "debit", "借"),
        Side::Credit => words::pick(l, "credit", "贷"),
    }
}

/// The closing of a row on this side, in minor units.
pub(super) fn closing(row: &TrialRow, normal: Side) -> i128 {
    let signed = |sum| i128::try_from(sum).unwrap_or(i128::MAX);
    let net = signed(row.closing_debit).saturating_sub(signed(row.closing_credit));
    match normal {
        Side::Debit => net,
        Side::Credit => net.saturating_neg(),
    }
}

impl Accounts {
    fn new(
        frame: Frame,
        chart: &Chart,
        assets: &Assets,
        balance: &TrialBalance,
        shown: Shown,
    ) -> Self {
        let l = frame.locale;
        let yuan = Unit::of(assets, CNY, l);
        let found: BTreeMap<GlCode, &TrialRow> =
            balance.rows.iter().filter(|row| row.asset == CNY).map(|row| (row.code, row)).collect();
        // A leaf stands for itself, a parent for its leaves: so leaves alone make a class.
        let total = |class: Class| {
            let leaves = found.values().filter(|row| row.leaf && row.class == class);
            leaves.map(|row| closing(row, class.normal())).fold(0, i128::saturating_add)
        };
        let groups = CLASSES.map(|of| {
            let nodes = chart.nodes().filter(|node| node.class == of);
            let nodes = nodes.filter(|node| shown.all || found.contains_key(&node.code));
            let rows = nodes.map(|node| {
                let row = found.get(&node.code);
                let stands = row.map_or(0, |row| closing(row, node.normal));
                Row {
                    code: node.code,
                    depth: node.depth,
                    leaf: node.leaf,
                    name: node.name.get(l).to_owned(),
                    fund: fund(node.fund, l),
                    debit: row.map(|row| yuan.sum_or_blank(row.debit_turnover)).unwrap_or_default(),
                    credit: row
                        .map(|row| yuan.sum_or_blank(row.credit_turnover))
                        .unwrap_or_default(),
                    balance: row.map(|_| yuan.amount(stands)).unwrap_or_default(),
                    contrary: stands < 0,
                }
            });
            let (name, side) = (class(of, l), side(of.normal(), l));
            Group { name, side, total: yuan.amount(total(of)), rows: rows.collect() }
        });
        let [asset, rest @ ..] = CLASSES.map(|of| (of, total(of)));
        let right = rest.iter().fold(0i128, |sum, (of, value)| match of {
            Class::Expense => sum.saturating_sub(*value),
            _ => sum.saturating_add(*value),
        });
        let term = |(place, (of, value)): (usize, &(Class, i128))| Term {
            sign: match (place, of) {
                (0, _) => "",
                (1, _) => "=",
                (_, Class::Expense) => "−",
                _ => "+",
            },
            name: class(*of, l),
            value: yuan.amount(*value),
        };
        let terms = std::iter::once(&asset).chain(&rest).enumerate().map(term);
        Self {
            date: balance.date,
            open: shown.open,
            all: shown.all,
            groups: groups.into_iter().filter(|group| !group.rows.is_empty()).collect(),
            memo: memo(l, assets, balance),
            terms: terms.collect(),
            equal: asset.1 == right,
            frame,
        }
    }
}

/// Leaves in other assets than yuan.
fn memo(l: Locale, assets: &Assets, balance: &TrialBalance) -> Vec<Memo> {
    let rows = balance.rows.iter().filter(|row| row.leaf && row.asset != CNY);
    rows.map(|row| {
        let unit = Unit::of(assets, row.asset, l);
        Memo {
            code: row.code,
            name: row.name.get(l).to_owned(),
            asset: unit.short().to_owned(),
            debit: unit.sum_or_blank(row.debit_turnover),
            credit: unit.sum_or_blank(row.credit_turnover),
            balance: unit.amount(closing(row, row.normal)),
        }
    })
    .collect()
}

#[cfg(test)]
pub(super) fn sample_chart() -> Chart {
    Chart::parse(include_str!("../../../../books/chart.toml"), "chart.toml").expect("valid")
}

#[cfg(test)]
impl Accounts {
    pub(super) fn sample(locale: Locale) -> Self {
        let balance = super::trial::sample_balance();
        let assets = super::unit::sample_assets();
        let shown = Shown { open: true, all: true };
        let frame = Frame::sample(locale, Section::Ledger);
        Self::new(frame, &sample_chart(), &assets, &balance, shown)
    }
}
