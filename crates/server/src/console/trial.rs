//! `/trial-balance`: a date's opening, turnover and closing, and whether they agree.

use super::accounts::{asset, class};
use super::figures::sum_or_blank;
use super::frame::{Frame, Section, Visit};
use super::{Page, page};
use crate::app::Site;
use crate::extract::StrictQuery;
use askama::Template;
use axum::extract::State;
use ledger::{GlCode, TrialBalance, TrialTotal};
use serde::Deserialize;
use types::{BusinessDate, Locale};

/// The six columns, in their order.
type Columns = [String; 6];

struct Row {
    code: GlCode,
    depth: u8,
    leaf: bool,
    name: String,
    class: &'static str,
    columns: Columns,
}

/// The rows of one asset and their foot.
struct Part {
    /// The number of the asset; empty for CNY.
    asset: String,
    rows: Vec<Row>,
    total: Columns,
    balanced: bool,
}

/// The trial balance.
#[derive(Template)]
#[template(path = "trial.html")]
pub(super) struct Trial {
    frame: Frame,
    date: BusinessDate,
    /// Newest first, and whether it is the one shown.
    dates: Vec<(BusinessDate, bool)>,
    parts: Vec<Part>,
}

/// Which date; the open one if absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    date: Option<BusinessDate>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(Query { date }): StrictQuery<Query>,
) -> Page {
    let date = date.unwrap_or_else(|| site.book.open_date());
    let balance = site.book.trial_balance(date);
    let frame = Frame::new(&site, visit, Section::Trial);
    page(&Trial::new(frame, site.book.dates(), &balance))
}

impl Trial {
    fn new(frame: Frame, mut dates: Vec<BusinessDate>, balance: &TrialBalance) -> Self {
        dates.reverse();
        dates.truncate(60);
        let dates = dates.into_iter().map(|date| (date, date == balance.date)).collect();
        let parts = balance.totals.iter().map(|total| part(frame.locale, balance, total)).collect();
        Self { frame, date: balance.date, dates, parts }
    }
}

fn part(l: Locale, balance: &TrialBalance, total: &TrialTotal) -> Part {
    let rows = balance.rows.iter().filter(|row| row.asset == total.asset).map(|row| Row {
        code: row.code,
        depth: row.depth,
        leaf: row.leaf,
        name: row.name.get(l).to_owned(),
        class: class(row.class, l),
        columns: [
            row.opening_debit,
            row.opening_credit,
            row.debit_turnover,
            row.credit_turnover,
            row.closing_debit,
            row.closing_credit,
        ]
        .map(sum_or_blank),
    });
    Part {
        asset: asset(total.asset),
        rows: rows.collect(),
        total: [
            total.opening_debit,
            total.opening_credit,
            total.debit_turnover,
            total.credit_turnover,
            total.closing_debit,
            total.closing_credit,
        ]
        .map(sum_or_blank),
        balanced: total.balanced(),
    }
}

#[cfg(test)]
pub(super) fn sample_balance() -> TrialBalance {
    let chart = super::accounts::sample_chart();
    let node = chart.nodes().find(|node| node.leaf).expect("a leaf");
    let row = ledger::TrialRow {
        asset: money::CNY,
        code: node.code,
        name: node.name.clone(),
        class: node.class,
        fund: node.fund,
        normal: node.normal,
        depth: node.depth,
        leaf: node.leaf,
        opening_debit: 0,
        opening_credit: 0,
        debit_turnover: 1_234_567,
        credit_turnover: 0,
        closing_debit: 1_234_567,
        closing_credit: 0,
    };
    let total = TrialTotal {
        asset: money::CNY,
        opening_debit: 0,
        opening_credit: 0,
        debit_turnover: 1_234_567,
        credit_turnover: 0,
        closing_debit: 1_234_567,
        closing_credit: 0,
    };
    let date = "2026-10-12".parse().expect("a date");
    TrialBalance { date, rows: vec![row], totals: vec![total] }
}

#[cfg(test)]
impl Trial {
    pub(super) fn sample(locale: Locale) -> Self {
        let balance = sample_balance();
        let dates = vec![balance.date, balance.date.next()];
        Self::new(Frame::sample(locale, Section::Trial), dates, &balance)
    }
}
