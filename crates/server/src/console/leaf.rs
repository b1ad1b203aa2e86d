//! `/accounts/leaf/{code}`: the accounts on a leaf of the chart.

use super::account::owner;
use super::accounts::{asset, sum_of};
use super::figures::{count, money, money_or_blank};
use super::frame::{Frame, Section, Visit};
use super::{Page, page};
use crate::api::account_not_found;
use crate::app::Site;
use crate::extract::{Code, StrictQuery};
use askama::Template;
use axum::extract::State;
use ledger::{Account, GlCode};
use serde::Deserialize;
use types::{AccountId, Locale};

const LIMIT: usize = 100;

pub(super) struct AccountRow {
    pub(super) id: AccountId,
    pub(super) owner: String,
    /// The owner's page; empty for the house and its partners.
    pub(super) owner_path: String,
    pub(super) asset: String,
    pub(super) balance: String,
    pub(super) held: String,
    pub(super) available: String,
    pub(super) frozen: bool,
}

impl AccountRow {
    pub(super) fn new(l: Locale, account: &Account) -> Self {
        let (owner, owner_path) = owner(l, account.owner);
        Self {
            id: account.id,
            owner,
            owner_path,
            asset: asset(account.asset),
            balance: money(account.balance()),
            held: money_or_blank(account.held()),
            available: money(account.available()),
            frozen: account.controls.debits_blocked || account.controls.credits_blocked,
        }
    }
}

/// The accounts of a leaf.
#[derive(Template)]
#[template(path = "leaf.html")]
pub(super) struct Leaf {
    frame: Frame,
    code: GlCode,
    name: String,
    count: String,
    total: String,
    rows: Vec<AccountRow>,
    /// The number of the next page.
    next: Option<usize>,
}

/// Which page, from 0; accounts are in the order they were opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    page: usize,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Code(code): Code,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let code = code.parse().map(GlCode).map_err(|_| account_not_found())?;
    let node = site.chart.leaf(code).ok_or_else(account_not_found)?;
    let accounts = site.book.accounts_of_leaf(code);
    let name = node.name.get(visit.locale).to_owned();
    let frame = Frame::new(&site, visit, Section::Accounts);
    page(&Leaf::new(frame, code, name, &accounts, query.page))
}

impl Leaf {
    fn new(frame: Frame, code: GlCode, name: String, accounts: &[Account], at: usize) -> Self {
        let l = frame.locale;
        let rows: Vec<_> = accounts
            .iter()
            .skip(at.saturating_mul(LIMIT))
            .take(LIMIT)
            .map(|account| AccountRow::new(l, account))
            .collect();
        let behind = at.saturating_add(1);
        Self {
            code,
            name,
            count: count(u64::try_from(accounts.len()).unwrap_or(u64::MAX)),
            total: sum_of(accounts),
            next: (accounts.len() > behind.saturating_mul(LIMIT)).then_some(behind),
            rows,
            frame,
        }
    }
}

#[cfg(test)]
impl Leaf {
    pub(super) fn sample(locale: Locale) -> Self {
        let account = super::account::sample_account();
        let accounts = vec![account; LIMIT + 1];
        let frame = Frame::sample(locale, Section::Accounts);
        Self::new(frame, GlCode(201_101), "201101".to_owned(), &accounts, 0)
    }
}
