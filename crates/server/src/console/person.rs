//! `/customers/{id}` and `/users/{id}`: all of a customer on one page.

use super::account::FreezeRow;
use super::doors::{DoorRow, doors};
use super::figures::{moment, money};
use super::frame::{Frame, Section, Visit};
use super::held::HeldRows;
use super::leaf::AccountRow;
use super::names::Names;
use super::orders::OrderRow;
use super::relations::Relations;
use super::users::UserRow;
use super::words::{self, Tone};
use super::{Page, page, see_other};
use crate::app::Site;
use crate::dossier::Dossier;
use crate::extract::Id;
use crate::problem::Refusal;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ledger::Assets;
use members::{CustomerView, LimitView, Verification};
use types::{CustomerId, Locale, Timestamp, UserId};

struct LimitRow {
    name: &'static str,
    limit: String,
    used: String,
    left: String,
    resets: String,
}

/// A check by a provider.
struct CheckRow {
    at: String,
    provider: String,
    channel: String,
    answer: &'static str,
    tone: Tone,
    cost: String,
}

/// The customer itself: masked.
struct Identity {
    id: CustomerId,
    name: String,
    id_number: String,
    class: &'static str,
    frozen: bool,
    channels: String,
    created: String,
}

/// All of a customer; or of a user who is none yet.
#[derive(Template)]
#[template(path = "person.html")]
pub(super) struct Person {
    frame: Frame,
    identity: Option<Identity>,
    relations: Option<Relations>,
    /// Has no limits, and its users are not unmerged.
    is_organisation: bool,
    users: Vec<UserRow>,
    accounts: Vec<AccountRow>,
    limits: Vec<LimitRow>,
    freezes: Vec<FreezeRow>,
    orders: Vec<OrderRow>,
    checks: Vec<CheckRow>,
    /// What the checks cost in all.
    cost: String,
    held: HeldRows,
    doors: Vec<DoorRow>,
}

pub(super) async fn customer(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<CustomerId>,
) -> Page {
    let (dossier, customer) = Dossier::of_customer(&site, id).await?;
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::Users);
    let facts = Facts { customer: Some(customer), dossier, assets: &site.assets, now: site.now() };
    page(&Person::new(frame, facts, &names))
}

/// A user is shown on its customer's page, if it has one.
pub(super) async fn user(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<UserId>,
) -> Result<Response, Refusal> {
    let now = site.now();
    let user = site.members.profile(id, now).await?;
    if let Some(customer) = user.customer {
        return Ok(see_other(&format!("/customers/{customer}")));
    }
    let dossier = Dossier::of_stranger(&site, user).await?;
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::Users);
    let facts = Facts { customer: None, dossier, assets: &site.assets, now };
    Ok(page(&Person::new(frame, facts, &names))?.into_response())
}

/// What is shown.
struct Facts<'a> {
    customer: Option<CustomerView>,
    dossier: Dossier,
    assets: &'a Assets,
    now: Timestamp,
}

fn limit(code: &str, l: Locale) -> &'static str {
    let (en, zh) = match code {
        "life" => ("For life", "终身累计"),
        "year" => ("This year", "年累计"),
        "day_two_factors" => ("Today, two factors", "当日（两类要素）"),
        "day_one_factor" => ("Today, one factor", "当日（单类要素）"),
        "agreement_day" => ("Today, password-free", "当日（免密）"),
        "withholding_day" => ("Today, withheld", "当日（代扣）"),
        _ => ("Other", "其他"),
    };
    words::pick(l, en, zh)
}

fn limit_row(l: Locale, view: &LimitView) -> LimitRow {
    LimitRow {
        name: limit(view.code, l),
        limit: money(view.limit.signed()),
        used: money(view.used.signed()),
        left: money(view.left.signed()),
        resets: view.resets_at.map(moment).unwrap_or_default(),
    }
}

/// What providers charge, fen.
fn cost(fen: u64) -> String {
    money(i64::try_from(fen).unwrap_or(i64::MAX))
}

fn check_row(l: Locale, check: &Verification) -> CheckRow {
    let (answer, tone) = match check.matched {
        Some(true) => (words::pick(l, "matches", "一致"), words::GOOD),
        Some(false) => (words::pick(l, "does not match", "不一致"), words::BAD),
        None => (words::pick(l, "no answer", "无应答"), words::WARN),
    };
    CheckRow {
        at: moment(check.at),
        provider: check.provider.clone(),
        channel: check.channel.clone(),
        answer,
        tone,
        cost: cost(check.price_minor),
    }
}

impl From<CustomerView> for Identity {
    fn from(customer: CustomerView) -> Self {
        Self {
            id: customer.customer,
            name: customer.name.to_string(),
            id_number: customer.id_number.to_string(),
            class: customer.class.map(members::Class::code).unwrap_or_default(),
            frozen: customer.frozen,
            channels: customer.channels.join(", "),
            created: moment(customer.created_at),
        }
    }
}

impl Person {
    fn new(frame: Frame, facts: Facts<'_>, names: &Names) -> Self {
        let l = frame.locale;
        let Facts { customer, dossier, assets, now } = facts;
        let relations = customer.as_ref().map(|customer| Relations::new(l, customer));
        let (mut held, mut known) = (HeldRows::default(), Vec::new());
        for user in &dossier.users {
            let phone = user.view.phone.to_string();
            held.add(l, &phone, &user.held);
            known.extend(doors(l, &phone, &user.elsewhere));
        }
        let (users, accounts) = (dossier.users.iter(), dossier.accounts.iter());
        Self {
            cost: cost(dossier.verification_cost()),
            checks: dossier.checks.iter().map(|check| check_row(l, check)).collect(),
            held,
            doors: known,
            identity: customer.map(Into::into),
            is_organisation: relations.as_ref().is_some_and(|r| r.is_organisation),
            relations,
            users: users.map(|user| UserRow::new(l, &user.view)).collect(),
            accounts: accounts.map(|account| AccountRow::new(account, assets, names)).collect(),
            limits: dossier.limits.iter().map(|view| limit_row(l, view)).collect(),
            freezes: dossier.freezes.iter().map(|it| FreezeRow::new(l, it, now)).collect(),
            orders: dossier.orders.into_iter().map(|it| OrderRow::new(l, it, names)).collect(),
            frame,
        }
    }
}

#[cfg(test)]
impl Person {
    pub(super) fn sample(locale: Locale) -> Self {
        use crate::dossier::KnownUser;
        use payments::{Kind, Stage};
        let now = Timestamp::from_micros(0);
        let fen = |minor| money::Amount::new(minor).expect("small");
        let limit = |code| LimitView {
            code,
            limit: fen(100_000),
            used: fen(1_000),
            left: fen(99_000),
            resets_at: Some(now),
        };
        let customer = CustomerView {
            customer: CustomerId::of(&[b"c"]),
            kind: members::CustomerKind::Person,
            name: types::Masked::new("Li Na"),
            id_number: types::Masked::new("110101199003070011"),
            class: members::Class::from_number(2),
            frozen: true,
            users: Vec::new(),
            authorities: Vec::new(),
            secondaries: vec![members::Secondary {
                user: UserId::of(&[b"u"]),
                primary: UserId::of(&[b"p"]),
                since: now,
            }],
            merchants: Vec::new(),
            accounts: Vec::new(),
            channels: vec!["police".to_owned(), "union".to_owned()],
            created_at: now,
        };
        let user = || KnownUser {
            view: super::users::sample_user(),
            held: super::held::sample_held(now),
            elsewhere: super::doors::sample_elsewhere(now),
        };
        let checks = [Some(true), Some(false), None].map(|matched| Verification {
            provider: "id-network".to_owned(),
            channel: "id_network".to_owned(),
            matched,
            price_minor: 30,
            at: now,
        });
        let dossier = Dossier {
            users: vec![user(), user()],
            accounts: vec![super::account::sample_account()],
            limits: ["life", "year", "day_two_factors", "day_one_factor"].map(limit).to_vec(),
            freezes: vec![super::account::sample_freeze(now)],
            orders: vec![super::orders::sample_order(Kind::Payment, Stage::Succeeded)],
            checks: checks.to_vec(),
        };
        let assets = super::unit::sample_assets();
        let facts = Facts { customer: Some(customer), dossier, assets: &assets, now };
        Self::new(Frame::sample(locale, Section::Users), facts, &Names::none(locale))
    }
}
