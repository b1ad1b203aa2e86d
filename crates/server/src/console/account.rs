//! `/accounts/{id}`: an account's statement with its running balance, and its holds.

use super::figures::{exact, moment};
use super::frame::{Frame, Section, Visit};
use super::names::{self, Names};
use super::party::Party;
use super::transit::{self, Transit};
use super::unit::Unit;
use super::words::{self, BAD, CALM, GOOD, Tone, WARN};
use super::{Page, accounts, given, page};
use crate::api::account_not_found;
use crate::app::Site;
use crate::extract::{Id, StrictQuery};
use crate::seek;
use askama::Template;
use axum::extract::State;
use bookkeeper::{Bookkeeper, Entry, Hold};
use ledger::{Account, Assets, Chart, GlCode, Side, Standing, Templates, TransactionState};
use members::{RegisterEntry, Target};
use serde::Deserialize;
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate, Locale, OrderId, Problem, Timestamp, TransactionId};

const LIMIT: usize = 50;

struct EntryRow {
    at: String,
    date: BusinessDate,
    event: String,
    order: Option<OrderId>,
    transaction: TransactionId,
    counterpart: AccountId,
    /// The leaf of the counterpart.
    counterpart_leaf: String,
    debit: String,
    credit: String,
    balance: String,
}

struct HoldRow {
    id: TransactionId,
    at: String,
    event: String,
    order: Option<OrderId>,
    side: &'static str,
    amount: String,
    state: &'static str,
    tone: Tone,
    expires: String,
}

/// A freeze of the register.
pub(super) struct FreezeRow {
    pub(super) id: types::RegisterEntryId,
    /// Its level's code, which may lift it.
    pub(super) code: &'static str,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) level: &'static str,
    pub(super) scope: &'static str,
    pub(super) who: String,
    pub(super) reason: String,
    pub(super) in_force: bool,
}

impl FreezeRow {
    pub(super) fn new(l: Locale, entry: &RegisterEntry, now: Timestamp) -> Self {
        let ended = entry.lifted.as_ref().map(|lifted| lifted.at).or(entry.until);
        let level = match entry.level {
            members::FreezeLevel::Own => ("own", "本人"),
            members::FreezeLevel::Risk => ("risk", "风控"),
            members::FreezeLevel::Judicial => ("judicial", "司法"),
        };
        let scope = match entry.scope {
            members::Scope::Debit => ("nothing out", "只进不出"),
            members::Scope::Credit => ("nothing in", "只出不进"),
            members::Scope::Both => ("neither", "不进不出"),
        };
        Self {
            id: entry.id,
            code: entry.level.code(),
            from: moment(entry.from),
            until: ended.map(moment).unwrap_or_default(),
            level: words::pick(l, level.0, level.1),
            scope: words::pick(l, scope.0, scope.1),
            who: entry.who.clone(),
            reason: entry.reason.clone(),
            in_force: entry.in_force(now),
        }
    }
}

/// Something the account may or may not do.
struct Rule {
    name: &'static str,
    state: &'static str,
    tone: Tone,
}

/// What the account held at a past moment.
struct Past {
    at: String,
    /// `None`: it was not open then, or keeps no history.
    balance: Option<String>,
}

/// The statement.
#[derive(Template)]
#[template(path = "account.html")]
pub(super) struct Statement {
    frame: Frame,
    id: AccountId,
    leaf: String,
    leaf_path: String,
    owner: Party,
    asset: String,
    side: &'static str,
    balance: String,
    held: String,
    available: String,
    unconfirmed: String,
    opened: String,
    /// Of a channel's receivable: up to which value date it has settled.
    settled_through: Option<BusinessDate>,
    transit: Option<Transit>,
    blocked: Vec<&'static str>,
    query: Query,
    past: Option<Past>,
    /// The balance before the oldest entry shown, and after the newest.
    carried: Option<(String, String)>,
    entries: Vec<EntryRow>,
    /// The queries of the pages beside this one.
    newer: Option<String>,
    older: Option<String>,
    holds: Vec<HoldRow>,
    rules: Vec<Rule>,
    freezes: Vec<FreezeRow>,
}

/// Which part of the statement: accounting dates from and to, entries up to a moment, and where the
/// page begins. An empty field of the form is one not given.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Query {
    from: String,
    to: String,
    at: String,
    before: Option<u64>,
    after: Option<u64>,
}

impl Query {
    /// The query of the page that begins at this edge. The fields were read before: they hold
    /// nothing that a URL would take for its own.
    fn beside(&self, edge: &str, seq: u64) -> String {
        let fields = [("from", &self.from), ("to", &self.to), ("at", &self.at)];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        given
            .fold(format!("{edge}={seq}"), |query, (name, value)| format!("{query}&{name}={value}"))
    }
}

/// The entries of one page and what is beside them.
struct Part {
    /// Newest first.
    entries: Vec<Entry>,
    newer: bool,
    older: bool,
}

/// What is known of an account.
struct Facts<'a> {
    standing: Standing,
    /// The accounts through which what is in transit entered.
    sources: BTreeMap<AccountId, Account>,
    part: Part,
    past: Option<(Timestamp, Option<i128>)>,
    /// The leaves of the accounts on the other side.
    leaves: BTreeMap<AccountId, GlCode>,
    holds: Vec<Hold>,
    freezes: Vec<RegisterEntry>,
    names: &'a Names,
    templates: &'a Templates,
    chart: &'a Chart,
    assets: &'a Assets,
    now: Timestamp,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<AccountId>,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let standing = site.book.standings(&[id]).pop().flatten().ok_or_else(account_not_found)?;
    let at = given::moment(&query.at, "at")?;
    let part = part(&site.book, id, &query, at)?;
    let others: Vec<AccountId> = part.entries.iter().map(|entry| entry.counterpart).collect();
    let others = site.book.accounts(&others).into_iter().flatten();
    let facts = Facts {
        leaves: others.map(|account| (account.id, account.leaf)).collect(),
        past: at.map(|at| Ok::<_, Problem>((at, site.book.balance_at(id, at)?))).transpose()?,
        part,
        holds: site.book.holds(id)?,
        freezes: site.members.register_entries(Target::Account(id)).await?,
        names: &Names::new(&site, visit.locale),
        templates: &site.templates,
        chart: &site.chart,
        assets: &site.assets,
        now: site.now(),
        sources: transit::sources(&site.book, &standing),
        standing,
    };
    page(&Statement::new(Frame::new(&site, visit, Section::Ledger), &facts, query))
}

/// The page asked for: of the entries within the dates and up to the moment, those before or
/// after an edge, else the newest.
fn part(
    book: &Bookkeeper,
    id: AccountId,
    query: &Query,
    at: Option<Timestamp>,
) -> Result<Part, Problem> {
    let cut = |reached: &dyn Fn(&Entry) -> bool| seek::cut_entries(book, id, reached);
    let from = given::date(&query.from, "from")?;
    let to = given::date(&query.to, "to")?;
    let low = from.map_or(Ok(0), |from| cut(&|entry| entry.date >= from))?;
    let until_date = to.map_or(Ok(u64::MAX), |to| cut(&|entry| entry.date > to))?;
    let until_moment = at.map_or(Ok(u64::MAX), |at| cut(&|entry| entry.at > at))?;
    let high = until_date.min(until_moment);
    let inside = |entry: &Entry| (low..high).contains(&entry.seq);
    let mut entries = if let Some(after) = query.after {
        let mut found = book.entries(id, Some(after.max(low.saturating_sub(1))), LIMIT)?;
        found.reverse();
        found
    } else {
        book.latest_entries(id, Some(query.before.unwrap_or(u64::MAX).min(high)), LIMIT)?
    };
    entries.retain(inside);
    let beside = |found: Vec<Entry>| found.first().is_some_and(inside);
    let newest = entries.first().map(|entry| entry.seq);
    let oldest = entries.last().map(|entry| entry.seq);
    Ok(Part {
        newer: newest.map(|seq| book.entries(id, Some(seq), 1)).transpose()?.is_some_and(beside),
        older: oldest
            .map(|seq| book.latest_entries(id, Some(seq), 1))
            .transpose()?
            .is_some_and(beside),
        entries,
    })
}

impl Statement {
    fn new(frame: Frame, facts: &Facts<'_>, query: Query) -> Self {
        let l = frame.locale;
        let account = &facts.standing.account;
        let unit = Unit::of(facts.assets, account.asset, l);
        let controls = account.controls;
        let blocked = [
            (controls.debits_blocked, ("nothing out", "只进不出")),
            (controls.credits_blocked, ("nothing in", "只出不进")),
            (controls.closed, ("closed", "已销户")),
        ];
        let entries = &facts.part.entries;
        let edges = entries.first().zip(entries.last());
        let carried = edges.map(|(newest, oldest)| {
            let before = before(oldest, account.normal);
            (unit.amount(before), unit.amount(newest.balance_after))
        });
        let newest = entries.first().filter(|_| facts.part.newer);
        let oldest = entries.last().filter(|_| facts.part.older);
        Self {
            id: account.id,
            leaf: names::leaf(facts.chart, account.leaf, l),
            leaf_path: format!("/accounts/leaf/{}", account.leaf),
            owner: Party::owner(account.owner, facts.names),
            asset: unit.short().to_owned(),
            side: accounts::side(account.normal, l),
            balance: unit.amount(account.balance()),
            held: unit.amount(account.held()),
            available: unit.amount(account.available()),
            unconfirmed: unit.amount(account.unconfirmed()),
            opened: moment(account.opened_at),
            settled_through: facts.standing.settled_through,
            transit: Transit::of(
                facts.names,
                &facts.standing.funds,
                &facts.sources,
                facts.chart,
                &unit,
            ),
            blocked: blocked
                .into_iter()
                .filter_map(|(is, (en, zh))| is.then_some(words::pick(l, en, zh)))
                .collect(),
            past: facts.past.map(|(at, balance)| Past {
                at: moment(at),
                balance: balance.map(|balance| unit.amount(balance)),
            }),
            carried,
            newer: newest.map(|entry| query.beside("after", entry.seq)),
            older: oldest.map(|entry| query.beside("before", entry.seq)),
            query,
            entries: entries.iter().map(|entry| entry_row(l, facts, &unit, entry)).collect(),
            holds: facts.holds.iter().map(|hold| hold_row(l, facts, &unit, hold)).collect(),
            rules: rules(l, account),
            freezes: facts.freezes.iter().map(|e| FreezeRow::new(l, e, facts.now)).collect(),
            frame,
        }
    }
}

/// The balance before an entry.
fn before(entry: &Entry, normal: Side) -> i128 {
    let amount = i128::from(entry.amount.signed());
    if entry.side == normal {
        entry.balance_after.saturating_sub(amount)
    } else {
        entry.balance_after.saturating_add(amount)
    }
}

/// What the account may do now, and what it may never do.
fn rules(l: Locale, account: &Account) -> Vec<Rule> {
    let t = |(en, zh)| words::pick(l, en, zh);
    let rule = |name, free: bool, (yes, no): (_, _), tone| Rule {
        name: t(name),
        state: t(if free { yes } else { no }),
        tone: if free { CALM } else { tone },
    };
    let may = (("allowed", "允许"), ("blocked", "已管控"));
    let bound = account.flags.debits_must_not_exceed_credits
        || account.flags.credits_must_not_exceed_debits;
    vec![
        rule(("Debits", "借记"), !account.controls.debits_blocked, may, BAD),
        rule(("Credits", "贷记"), !account.controls.credits_blocked, may, BAD),
        rule(
            ("Standing", "状态"),
            !account.controls.closed,
            (("open", "正常"), ("closed", "已销户")),
            BAD,
        ),
        rule(("Overdraft", "透支"), !bound, (("allowed", "允许"), ("never", "不允许")), CALM),
        rule(
            ("Entries kept", "保留明细"),
            account.flags.history,
            (("yes", "是"), ("no", "否")),
            CALM,
        ),
    ]
}

fn entry_row(l: Locale, facts: &Facts<'_>, unit: &Unit, entry: &Entry) -> EntryRow {
    let amount = unit.amount(entry.amount.signed());
    let (debit, credit) = match entry.side {
        Side::Debit => (amount, String::new()),
        Side::Credit => (String::new(), amount),
    };
    let leaf = facts.leaves.get(&entry.counterpart);
    EntryRow {
        at: exact(entry.at),
        date: entry.date,
        event: names::event(facts.templates, entry.event, l),
        order: entry.order,
        transaction: entry.transaction,
        counterpart: entry.counterpart,
        counterpart_leaf: leaf.map(|leaf| names::leaf(facts.chart, *leaf, l)).unwrap_or_default(),
        debit,
        credit,
        balance: unit.amount(entry.balance_after),
    }
}

/// Where a transaction stands.
pub(super) const fn state(state: TransactionState, l: Locale) -> (&'static str, Tone) {
    let (en, zh, tone) = match state {
        TransactionState::Posted => ("posted", "已入账", GOOD),
        TransactionState::Pending => ("waits", "冻结中", WARN),
        TransactionState::HoldPosted => ("hold posted", "冻结已入账", GOOD),
        TransactionState::HoldVoided => ("hold released", "冻结已释放", CALM),
        TransactionState::Expired => ("hold ran out", "冻结已过期", CALM),
        TransactionState::Applied => ("applied", "已生效", CALM),
    };
    (words::pick(l, en, zh), tone)
}

fn hold_row(l: Locale, facts: &Facts<'_>, unit: &Unit, hold: &Hold) -> HoldRow {
    let (state, tone) = state(hold.state, l);
    HoldRow {
        id: hold.id,
        at: moment(hold.at),
        event: names::event(facts.templates, hold.event, l),
        order: hold.order,
        side: match hold.side {
            Side::Debit => words::pick(l, "out", "付出"),
            Side::Credit => words::pick(l, "in", "收入"),
        },
        amount: unit.amount(hold.amount.signed()),
        state,
        tone,
        expires: hold.expires_at.map(moment).unwrap_or_default(),
    }
}

#[cfg(test)]
pub(super) fn sample_account() -> Account {
    use ledger::{Command, Flags, Ledger, NewAccount};
    let chart = super::accounts::sample_chart();
    let leaf = chart.role("customer_balance_1").expect("a role");
    let id = AccountId::of(&[b"a"]);
    let date: BusinessDate = "2026-10-12".parse().expect("a date");
    let mut ledger = Ledger::new(std::sync::Arc::new(chart), date);
    let owner = ledger::Owner::User(types::UserId::of(&[b"u"]));
    let flags = Flags { history: true, ..Flags::default() };
    let new = NewAccount { id, asset: money::CNY, leaf, owner, flags };
    ledger.apply(date.start(), &[Command::OpenAccount(new)]);
    ledger.account(id).cloned().expect("opened")
}

#[cfg(test)]
impl Statement {
    pub(super) fn sample(locale: Locale) -> Self {
        let mut account = sample_account();
        account.controls.debits_blocked = true;
        let assets = super::unit::sample_assets();
        let text = include_str!("../../../../books/templates.toml");
        let chart = super::accounts::sample_chart();
        let templates = Templates::parse(text, "t", &chart, &assets).expect("valid");
        let now = account.opened_at;
        let entry = |seq, side| Entry {
            seq,
            transaction: TransactionId::of(&[b"t"]),
            at: now,
            date: now.date(),
            event: 101,
            order: Some(OrderId::of(&[b"o"])),
            side,
            amount: money::Amount::new(1_234).expect("small"),
            counterpart: AccountId::of(&[b"b"]),
            balance_after: -1_234,
        };
        let id = account.id;
        let hold = |state| Hold {
            id: TransactionId::of(&[b"h"]),
            event: 65_000,
            order: None,
            account: id,
            side: Side::Debit,
            amount: money::Amount::new(5).expect("small"),
            state,
            at: now,
            expires_at: Some(now),
            ended_at: None,
        };
        let side = |n| if n % 2 == 0 { Side::Debit } else { Side::Credit };
        let entries = (0..50).rev().map(|n| entry(n, side(n))).collect();
        let facts = Facts {
            part: Part { entries, newer: true, older: true },
            past: Some((now, Some(7))),
            leaves: [(AccountId::of(&[b"b"]), account.leaf)].into(),
            holds: [TransactionState::Pending, TransactionState::Expired].map(hold).to_vec(),
            freezes: vec![sample_freeze(now)],
            names: &Names::none(locale),
            templates: &templates,
            chart: &chart,
            assets: &assets,
            now,
            sources: [(account.id, account.clone())].into(),
            standing: Standing {
                funds: transit::sample(account.id, now.date()),
                settled_through: Some(now.date()),
                account,
            },
        };
        let query = Query { from: "2026-10-12".to_owned(), ..Query::default() };
        Self::new(Frame::sample(locale, Section::Ledger), &facts, query)
    }
}

#[cfg(test)]
pub(super) fn sample_freeze(now: Timestamp) -> RegisterEntry {
    RegisterEntry {
        id: types::RegisterEntryId::of(&[b"r"]),
        target: Target::Account(AccountId::of(&[b"a"])),
        who: "court 3".to_owned(),
        reason: "order 17".to_owned(),
        document: None,
        level: members::FreezeLevel::Judicial,
        scope: members::Scope::Debit,
        from: now,
        until: None,
        lifted: None,
    }
}
