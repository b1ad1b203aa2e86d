//! `/accounts/leaf/{code}`: the accounts on a leaf of the chart.

use super::accounts::{class, closing, fund};
use super::figures::count;
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::party::Party;
use super::unit::Unit;
use super::{Page, page};
use crate::api::account_not_found;
use crate::app::Site;
use crate::extract::{Code, StrictQuery};
use askama::Template;
use axum::extract::State;
#[cfg(test)]
use ledger::TrialRow;
use ledger::{Account, Assets, GlCode, Node, TrialBalance};
use serde::Deserialize;
use types::{AccountId, Locale, Problem};

const LIMIT: usize = 100;

pub(super) struct AccountRow {
    pub(super) id: AccountId,
    pub(super) owner: Party,
    pub(super) asset: String,
    pub(super) balance: String,
    pub(super) held: String,
    pub(super) available: String,
    pub(super) frozen: bool,
}

impl AccountRow {
    pub(super) fn new(account: &Account, assets: &Assets, names: &Names) -> Self {
        let unit = Unit::of(assets, account.asset, names.locale());
        Self {
            id: account.id,
            owner: Party::owner(account.owner, names),
            balance: unit.amount(account.balance()),
            held: unit.amount_or_blank(account.held()),
            available: unit.amount(account.available()),
            asset: unit.short().to_owned(),
            frozen: account.controls.debits_blocked || account.controls.credits_blocked,
        }
    }
}

/// The sum of the accounts in one asset beside what the general ledger says.
struct Sum {
    asset: String,
    accounts: String,
    ledger: String,
    agree: bool,
}

/// The accounts of a leaf.
#[derive(Template)]
#[template(path = "leaf.html")]
pub(super) struct Leaf {
    frame: Frame,
    code: GlCode,
    name: String,
    class: &'static str,
    fund: &'static str,
    count: String,
    sums: Vec<Sum>,
    rows: Vec<AccountRow>,
    /// The numbers of the pages beside this one.
    previous: Option<usize>,
    next: Option<usize>,
}

/// Which page, from 0; accounts are in the order they were opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    page: usize,
}

/// How often the book is read again because it moved between two readings; then the last stands.
const ATTEMPTS: usize = 5;

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Code(code): Code,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let code = code.parse().map(GlCode).map_err(|_| account_not_found())?;
    let node = site.chart.leaf(code).ok_or_else(account_not_found)?;
    let (accounts, balance) = at_one_moment(&site, code)?;
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::Ledger);
    page(&Leaf::new(frame, node, &accounts, &balance, &site.assets, &names, query.page))
}

/// The accounts and the general ledger as they stood together.
fn at_one_moment(site: &Site, code: GlCode) -> Result<(Vec<Account>, TrialBalance), Problem> {
    let mut attempt = 0;
    loop {
        let seq = site.book.seq();
        let accounts = site.book.accounts_of_leaf(code)?;
        let balance = site.book.trial_balance(site.book.open_date());
        attempt += 1;
        if site.book.seq() == seq || attempt >= ATTEMPTS {
            return Ok((accounts, balance));
        }
    }
}

fn sums(l: Locale, node: &Node, all: &[Account], gl: &TrialBalance, assets: &Assets) -> Vec<Sum> {
    let rows = gl.rows.iter().filter(|row| row.code == node.code);
    rows.map(|row| {
        let unit = Unit::of(assets, row.asset, l);
        let of_asset = all.iter().filter(|account| account.asset == row.asset);
        let accounts = of_asset.map(Account::balance).fold(0, i128::saturating_add);
        let ledger = closing(row, node.normal);
        Sum {
            asset: unit.short().to_owned(),
            accounts: unit.amount(accounts),
            ledger: unit.amount(ledger),
            agree: accounts == ledger,
        }
    })
    .collect()
}

impl Leaf {
    fn new(
        frame: Frame,
        node: &Node,
        accounts: &[Account],
        balance: &TrialBalance,
        assets: &Assets,
        names: &Names,
        at: usize,
    ) -> Self {
        let l = frame.locale;
        let rows = accounts.iter().skip(at.saturating_mul(LIMIT)).take(LIMIT);
        let behind = at.saturating_add(1);
        Self {
            code: node.code,
            name: node.name.get(l).to_owned(),
            class: class(node.class, l),
            fund: fund(node.fund, l),
            count: count(u64::try_from(accounts.len()).unwrap_or(u64::MAX)),
            sums: sums(l, node, accounts, balance, assets),
            rows: rows.map(|account| AccountRow::new(account, assets, names)).collect(),
            previous: at.checked_sub(1),
            next: (accounts.len() > behind.saturating_mul(LIMIT)).then_some(behind),
            frame,
        }
    }
}

#[cfg(test)]
impl Leaf {
    pub(super) fn sample(locale: Locale) -> Self {
        let account = super::account::sample_account();
        let chart = super::accounts::sample_chart();
        let node = chart.leaf(account.leaf).expect("a leaf");
        let row = TrialRow {
            code: node.code,
            ..super::trial::sample_balance().rows.first().cloned().expect("a row")
        };
        let balance = TrialBalance { rows: vec![row], ..super::trial::sample_balance() };
        let accounts = vec![account; LIMIT + 1];
        let names = Names::none(locale);
        let frame = Frame::sample(locale, Section::Ledger);
        Self::new(frame, node, &accounts, &balance, &super::unit::sample_assets(), &names, 0)
    }
}
