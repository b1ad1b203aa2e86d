//! `/accounts/{id}`: an account's statement with its running balance, and its holds.

use super::accounts::asset;
use super::figures::{exact, moment, money};
use super::frame::{Frame, Section, Visit};
use super::words::{self, CALM, GOOD, Tone, WARN};
use super::{Page, page};
use crate::api::account_not_found;
use crate::app::Site;
use crate::extract::{Id, StrictQuery};
use askama::Template;
use axum::extract::State;
use bookkeeper::{Entry, Hold};
use ledger::{Account, Owner, Side, Templates, TransactionState};
use members::{RegisterEntry, Target};
use serde::Deserialize;
use types::{AccountId, BusinessDate, Locale, OrderId, Timestamp};

const LIMIT: usize = 50;

struct EntryRow {
    at: String,
    date: BusinessDate,
    event: String,
    order: Option<OrderId>,
    counterpart: AccountId,
    debit: String,
    credit: String,
    balance: String,
}

struct HoldRow {
    at: String,
    event: String,
    order: Option<OrderId>,
    amount: String,
    state: &'static str,
    tone: Tone,
    expires: String,
}

/// A freeze of the register.
pub(super) struct FreezeRow {
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

/// The statement.
#[derive(Template)]
#[template(path = "account.html")]
pub(super) struct Statement {
    frame: Frame,
    id: AccountId,
    leaf: String,
    leaf_path: String,
    owner: String,
    owner_path: String,
    asset: String,
    balance: String,
    held: String,
    available: String,
    unconfirmed: String,
    opened: String,
    blocked: Vec<&'static str>,
    entries: Vec<EntryRow>,
    /// The seq before which the next page begins.
    next: Option<u64>,
    holds: Vec<HoldRow>,
    freezes: Vec<FreezeRow>,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    before: Option<u64>,
}

/// What is known of an account.
struct Facts<'a> {
    account: Account,
    /// The leaf's name.
    leaf: String,
    entries: Vec<Entry>,
    holds: Vec<Hold>,
    freezes: Vec<RegisterEntry>,
    templates: &'a Templates,
    now: Timestamp,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<AccountId>,
    StrictQuery(query): StrictQuery<Query>,
) -> Page {
    let account = site.book.account(id).ok_or_else(account_not_found)?;
    let node = site.chart.node(account.leaf);
    let facts = Facts {
        leaf: node.map(|node| node.name.get(visit.locale).to_owned()).unwrap_or_default(),
        entries: site.book.latest_entries(id, query.before, LIMIT),
        holds: site.book.holds(id),
        freezes: site.members.register_entries(Target::Account(id)).await?,
        templates: &site.templates,
        now: site.now(),
        account,
    };
    page(&Statement::new(Frame::new(&site, visit, Section::Accounts), &facts))
}

/// An owner's name and page.
pub(super) fn owner(l: Locale, owner: Owner) -> (String, String) {
    let t = |en: &str, zh: &str| words::pick(l, en, zh).to_owned();
    match owner {
        Owner::User(id) => (id.to_string(), format!("/users/{id}")),
        Owner::Merchant(id) => (id.to_string(), format!("/orders?merchant={id}")),
        Owner::Channel(number) => (format!("{} {number}", t("channel", "渠道")), String::new()),
        Owner::Bank(number) => (format!("{} {number}", t("bank", "银行")), String::new()),
        Owner::House => (t("the institution", "本机构"), String::new()),
    }
}

/// An event's name.
fn event(l: Locale, templates: &Templates, code: u16) -> String {
    let template = templates.by_code(code);
    template.map_or_else(|| code.to_string(), |template| template.name.get(l).to_owned())
}

impl Statement {
    fn new(frame: Frame, facts: &Facts<'_>) -> Self {
        let l = frame.locale;
        let account = &facts.account;
        let (owner, owner_path) = owner(l, account.owner);
        let full = facts.entries.len() == LIMIT;
        let controls = account.controls;
        let blocked = [
            (controls.debits_blocked, ("nothing out", "只进不出")),
            (controls.credits_blocked, ("nothing in", "只出不进")),
            (controls.closed, ("closed", "已销户")),
        ];
        Self {
            id: account.id,
            leaf: format!("{} {}", account.leaf, facts.leaf),
            leaf_path: format!("/accounts/leaf/{}", account.leaf),
            owner,
            owner_path,
            asset: asset(account.asset),
            balance: money(account.balance()),
            held: money(account.held()),
            available: money(account.available()),
            unconfirmed: money(account.unconfirmed()),
            opened: moment(account.opened_at),
            blocked: blocked
                .into_iter()
                .filter_map(|(is, (en, zh))| is.then_some(words::pick(l, en, zh)))
                .collect(),
            entries: facts.entries.iter().map(|e| entry_row(l, facts.templates, e)).collect(),
            next: facts.entries.last().filter(|_| full).map(|entry| entry.seq),
            holds: facts.holds.iter().map(|hold| hold_row(l, facts.templates, hold)).collect(),
            freezes: facts.freezes.iter().map(|e| FreezeRow::new(l, e, facts.now)).collect(),
            frame,
        }
    }
}

fn entry_row(l: Locale, templates: &Templates, entry: &Entry) -> EntryRow {
    let amount = money(entry.amount.signed());
    let (debit, credit) = match entry.side {
        Side::Debit => (amount, String::new()),
        Side::Credit => (String::new(), amount),
    };
    EntryRow {
        at: exact(entry.at),
        date: entry.date,
        event: event(l, templates, entry.event),
        order: entry.order,
        counterpart: entry.counterpart,
        debit,
        credit,
        balance: money(entry.balance_after),
    }
}

fn hold_row(l: Locale, templates: &Templates, hold: &Hold) -> HoldRow {
    let (en, zh, tone) = match hold.state {
        TransactionState::Pending => ("waits", "冻结中", WARN),
        TransactionState::HoldPosted => ("posted", "已转入账", GOOD),
        TransactionState::HoldVoided => ("released", "已释放", CALM),
        TransactionState::Expired => ("ran out", "已过期", CALM),
        TransactionState::Posted | TransactionState::Applied => ("applied", "已生效", CALM),
    };
    HoldRow {
        at: moment(hold.at),
        event: event(l, templates, hold.event),
        order: hold.order,
        amount: money(hold.amount.signed()),
        state: words::pick(l, en, zh),
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
    let owner = Owner::User(types::UserId::of(&[b"u"]));
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
        let assets = ledger::Assets::parse(include_str!("../../../../books/assets.toml"), "a");
        let text = include_str!("../../../../books/templates.toml");
        let chart = super::accounts::sample_chart();
        let templates =
            Templates::parse(text, "t", &chart, &assets.expect("valid")).expect("valid");
        let now = account.opened_at;
        let entry = |seq, side| Entry {
            seq,
            transaction: types::TransactionId::of(&[b"t"]),
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
            id: types::TransactionId::of(&[b"h"]),
            event: 65_000,
            order: None,
            account: id,
            amount: money::Amount::new(5).expect("small"),
            state,
            at: now,
            expires_at: Some(now),
        };
        let facts = Facts {
            leaf: "201101".to_owned(),
            entries: (0..50)
                .map(|n| entry(n, if n % 2 == 0 { Side::Debit } else { Side::Credit }))
                .collect(),
            holds: [TransactionState::Pending, TransactionState::Expired].map(hold).to_vec(),
            freezes: vec![sample_freeze(now)],
            templates: &templates,
            now,
            account,
        };
        Self::new(Frame::sample(locale, Section::Accounts), &facts)
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
