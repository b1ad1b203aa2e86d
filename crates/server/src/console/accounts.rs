//! `/accounts`: the chart of accounts with what stands on it.

use super::figures::{money, money_or_blank, sum_or_blank};
use super::frame::{Frame, Section, Visit};
use super::words;
use super::{Page, page};
use crate::app::Site;
use askama::Template;
use axum::extract::State;
use ledger::{Chart, Class, Fund, GlCode, Side, TrialBalance};
use money::CNY;
use types::Locale;

/// One node of the chart in one asset.
struct Row {
    code: GlCode,
    depth: u8,
    leaf: bool,
    name: String,
    class: &'static str,
    fund: &'static str,
    /// The number of the asset; empty for CNY.
    asset: String,
    debit: String,
    credit: String,
    /// The balance on the normal side.
    balance: String,
}

/// The chart.
#[derive(Template)]
#[template(path = "accounts.html")]
pub(super) struct Accounts {
    frame: Frame,
    rows: Vec<Row>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visit) -> Page {
    let balance = site.book.trial_balance(site.book.open_date());
    page(&Accounts::new(Frame::new(&site, visit, Section::Accounts), &site.chart, &balance))
}

pub(super) const fn class(class: Class, l: Locale) -> &'static str {
    let (en, zh) = match class {
        Class::Asset => ("Asset", "资产"),
        Class::Liability => ("Liability", "负债"),
        Class::Common => ("Common", "共同"),
        Class::Equity => ("Equity", "权益"),
        Class::Income => ("Income", "收入"),
        Class::Expense => ("Expense", "费用"),
        Class::Memo => ("Memo", "表外"),
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

impl Accounts {
    fn new(frame: Frame, chart: &Chart, balance: &TrialBalance) -> Self {
        let l = frame.locale;
        let mut rows = Vec::new();
        for node in chart.nodes() {
            let bare = Row {
                code: node.code,
                depth: node.depth,
                leaf: node.leaf,
                name: node.name.get(l).to_owned(),
                class: class(node.class, l),
                fund: fund(node.fund, l),
                asset: String::new(),
                debit: String::new(),
                credit: String::new(),
                balance: String::new(),
            };
            let before = rows.len();
            for one in balance.rows.iter().filter(|row| row.code == node.code) {
                let net = i128::try_from(one.closing_debit)
                    .unwrap_or(i128::MAX)
                    .saturating_sub(i128::try_from(one.closing_credit).unwrap_or(i128::MAX));
                let on_side = if node.normal == Side::Debit { net } else { net.saturating_neg() };
                rows.push(Row {
                    name: bare.name.clone(),
                    asset: asset(one.asset),
                    debit: sum_or_blank(one.debit_turnover),
                    credit: sum_or_blank(one.credit_turnover),
                    balance: money_or_blank(on_side),
                    ..bare
                });
            }
            if rows.len() == before {
                rows.push(bare);
            }
        }
        Self { frame, rows }
    }
}

/// What stands on these accounts together; they are of one asset wherever this is shown.
pub(super) fn sum_of(accounts: &[ledger::Account]) -> String {
    money(accounts.iter().map(ledger::Account::balance).fold(0, i128::saturating_add))
}

/// The number of an asset that is not CNY.
pub(super) fn asset(asset: money::AssetId) -> String {
    if asset == CNY { String::new() } else { format!("#{}", asset.0) }
}

#[cfg(test)]
pub(super) fn sample_chart() -> Chart {
    Chart::parse(include_str!("../../../../books/chart.toml"), "chart.toml").expect("valid")
}

#[cfg(test)]
impl Accounts {
    pub(super) fn sample(locale: Locale) -> Self {
        let balance = super::trial::sample_balance();
        Self::new(Frame::sample(locale, Section::Accounts), &sample_chart(), &balance)
    }
}
