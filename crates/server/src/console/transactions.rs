//! `/transactions`: the transactions of the book, newest first, by accounting date.

use super::account::state;
use super::figures::{count, exact};
use super::frame::{Frame, Section, Visit};
use super::unit::Unit;
use super::words::Tone;
use super::{Page, given, names, page, transaction};
use crate::app::Site;
use crate::extract::StrictQuery;
use crate::seek;
use askama::Template;
use axum::extract::State;
use bookkeeper::TransactionView;
use ledger::{Account, Assets, Chart, Templates};
use money::CNY;
use serde::Deserialize;
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate, OrderId, TransactionId};

const LIMIT: usize = 50;

struct Row {
    id: TransactionId,
    seq: String,
    at: String,
    date: BusinessDate,
    event: String,
    action: &'static str,
    state: &'static str,
    tone: Tone,
    order: Option<OrderId>,
    /// The leaves of the first move.
    debit: String,
    credit: String,
    /// How many further moves there are.
    more: usize,
    /// What it moves of the first move's asset.
    amount: String,
}

/// The transactions.
#[derive(Template)]
#[template(path = "transactions.html")]
pub(super) struct Transactions {
    frame: Frame,
    date: BusinessDate,
    /// Whether only those of the date and before are shown.
    dated: bool,
    rows: Vec<Row>,
    /// The seqs at which the pages beside this one begin.
    newer: Option<u64>,
    older: Option<u64>,
}

/// From which accounting date back, or from which seq.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    date: String,
    before: Option<u64>,
    after: Option<u64>,
}

/// What is listed.
struct Facts<'a> {
    views: Vec<TransactionView>,
    newer: bool,
    older: bool,
    accounts: BTreeMap<AccountId, Account>,
    templates: &'a Templates,
    chart: &'a Chart,
    assets: &'a Assets,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let book = &site.book;
    let date = given::date(&query.date, "date")?;
    let views = if let Some(after) = query.after {
        let mut found = book.transactions(Some(after), LIMIT)?;
        found.reverse();
        found
    } else {
        let end = date.map(|date| seek::cut_transactions(book, |view| view.date > date));
        let end = end.transpose()?;
        seek::latest_transactions(book, query.before.or(end), LIMIT)?
    };
    let newest = views.first().map(|view| view.seq);
    let oldest = views.last().map(|view| view.seq);
    let ids: Vec<AccountId> = views
        .iter()
        .filter_map(|view| view.moves.first())
        .flat_map(|m| [m.debit, m.credit])
        .collect();
    let accounts = book.accounts(&ids).into_iter().flatten();
    let any = |found: Vec<TransactionView>| !found.is_empty();
    let facts = Facts {
        newer: newest.map(|seq| book.transactions(Some(seq), 1)).transpose()?.is_some_and(any),
        older: oldest
            .map(|seq| seek::latest_transactions(book, Some(seq), 1))
            .transpose()?
            .is_some_and(any),
        accounts: accounts.map(|account| (account.id, account)).collect(),
        templates: &site.templates,
        chart: &site.chart,
        assets: &site.assets,
        views,
    };
    let shown = date.or(facts.views.first().map(|view| view.date));
    let shown = shown.unwrap_or_else(|| book.open_date());
    let frame = Frame::new(&site, visit, Section::Ledger);
    page(&Transactions::new(frame, shown, date.is_some(), &facts))
}

impl Transactions {
    fn new(frame: Frame, date: BusinessDate, dated: bool, facts: &Facts<'_>) -> Self {
        let l = frame.locale;
        let leaf = |id: AccountId| {
            let account = facts.accounts.get(&id);
            account.map(|a| names::leaf(facts.chart, a.leaf, l)).unwrap_or_default()
        };
        let row = |view: &TransactionView| {
            let (state, tone) = state(view.state, l);
            let first = view.moves.first();
            let of = |id: AccountId| facts.accounts.get(&id).map_or(CNY, |account| account.asset);
            let unit = Unit::of(facts.assets, first.map_or(CNY, |m| of(m.debit)), l);
            Row {
                id: view.transaction.id,
                seq: count(view.seq),
                at: exact(view.at),
                date: view.date,
                event: names::event(facts.templates, view.transaction.event, l),
                action: transaction::action(view.transaction.action, l),
                state,
                tone,
                order: view.transaction.order,
                debit: first.map(|m| leaf(m.debit)).unwrap_or_default(),
                credit: first.map(|m| leaf(m.credit)).unwrap_or_default(),
                more: view.moves.len().saturating_sub(1),
                amount: first.map(|m| unit.amount(m.amount.signed())).unwrap_or_default(),
            }
        };
        let newest = facts.views.first().filter(|_| facts.newer);
        let oldest = facts.views.last().filter(|_| facts.older);
        Self {
            date,
            dated,
            newer: newest.map(|view| view.seq),
            older: oldest.map(|view| view.seq),
            rows: facts.views.iter().map(row).collect(),
            frame,
        }
    }
}

/// A posted transaction of one move.
#[cfg(test)]
pub(super) fn sample_view() -> TransactionView {
    use ledger::{Action, Move, Posting, Transaction, TransactionState};
    let (debit, credit) = (super::account::sample_account().id, AccountId::of(&[b"b"]));
    let amount = money::Amount::new(1_234).expect("small");
    let at = types::Timestamp::from_micros(0);
    TransactionView {
        transaction: Transaction {
            id: TransactionId::of(&[b"t"]),
            event: 121,
            order: Some(OrderId::of(&[b"o"])),
            reference: 0,
            date: None,
            action: Action::Post,
            postings: vec![Posting::exact(debit, credit, amount)],
            conditions: Vec::new(),
            corrects: None,
        },
        moves: vec![Move {
            debit,
            credit,
            amount,
            debit_balance: -500,
            credit_balance: 0,
            places: [0, 1],
        }],
        seq: 42,
        at,
        date: at.date(),
        state: TransactionState::Posted,
        corrected_by: Vec::new(),
    }
}

#[cfg(test)]
impl Transactions {
    pub(super) fn sample(locale: types::Locale) -> Self {
        let assets = super::unit::sample_assets();
        let chart = super::accounts::sample_chart();
        let text = include_str!("../../../../books/templates.toml");
        let templates = Templates::parse(text, "t", &chart, &assets).expect("valid");
        let account = super::account::sample_account();
        let facts = Facts {
            views: vec![sample_view()],
            newer: true,
            older: true,
            accounts: [(account.id, account)].into(),
            templates: &templates,
            chart: &chart,
            assets: &assets,
        };
        let date = sample_view().date;
        Self::new(Frame::sample(locale, Section::Ledger), date, true, &facts)
    }
}
