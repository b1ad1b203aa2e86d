//! `/customers/{id}` and `/users/{id}`: all of a customer on one page.

use super::account::FreezeRow;
use super::doors::Doors;
use super::figures::{moment, money};
use super::frame::{Frame, Section, Visit};
use super::leaf::AccountRow;
use super::names::Names;
use super::orders::OrderRow;
use super::relations::Relations;
use super::users::UserRow;
use super::words::{self, Tone};
use super::{Page, page, see_other};
use crate::api::register_of;
use crate::app::Site;
use crate::extract::Id;
use crate::problem::Refusal;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ledger::{Account, Assets};
use members::{CustomerView, LimitView, RegisterEntry, Target, UserView, Verification};
use payments::{Filter, Order, Page as OrderPage};
use std::sync::Arc;
use types::{CustomerId, Locale, Problem, Timestamp, UserId};

const ORDERS: u64 = 30;

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
    doors: Doors,
}

/// What the rooms know.
struct Facts {
    customer: Option<CustomerView>,
    users: Vec<UserView>,
    accounts: Vec<Account>,
    limits: Vec<LimitView>,
    freezes: Vec<RegisterEntry>,
    orders: Vec<Order>,
    checks: Vec<Verification>,
    doors: Doors,
    names: Names,
    assets: Arc<Assets>,
    now: Timestamp,
}

/// The freezes and the newest orders of these users.
async fn of_users(
    site: &Site,
    users: &[UserView],
) -> Result<(Vec<RegisterEntry>, Vec<Order>), Problem> {
    let (mut freezes, mut orders) = (Vec::new(), Vec::new());
    for user in users {
        freezes.extend(site.members.register_entries(Target::User(user.user)).await?);
        let filter = Filter { user: Some(user.user), ..Filter::default() };
        orders
            .extend(site.payments.list(&filter, OrderPage { before: None, limit: ORDERS }).await?);
    }
    Ok((freezes, orders))
}

pub(super) async fn customer(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<CustomerId>,
) -> Page {
    let now = site.now();
    let customer = site.members.customer(id, now).await?;
    let (_, orders) = of_users(&site, &customer.users).await?;
    let freezes = register_of(&site, id, &customer.users, &customer.accounts).await?;
    let checks = site.members.verifications(id).await?;
    let doors = Doors::of(&site, &customer.users, visit.locale).await?;
    let limits = match customer.class {
        Some(_) => site.members.limits_view(id, now).await?,
        None => Vec::new(),
    };
    let facts = Facts {
        users: customer.users.clone(),
        accounts: site.book.accounts(&customer.accounts).into_iter().flatten().collect(),
        limits,
        freezes,
        orders,
        checks,
        doors,
        customer: Some(customer),
        names: Names::new(&site, visit.locale),
        assets: Arc::clone(&site.assets),
        now,
    };
    page(&Person::new(Frame::new(&site, visit, Section::Users), facts))
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
    let users = vec![user];
    let (freezes, orders) = of_users(&site, &users).await?;
    let (accounts, limits, checks) = (Vec::new(), Vec::new(), Vec::new());
    let doors = Doors::of(&site, &users, visit.locale).await?;
    let (names, assets) = (Names::new(&site, visit.locale), Arc::clone(&site.assets));
    let facts = Facts {
        customer: None,
        users,
        accounts,
        limits,
        freezes,
        orders,
        checks,
        doors,
        names,
        assets,
        now,
    };
    Ok(page(&Person::new(Frame::new(&site, visit, Section::Users), facts))?.into_response())
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

impl Person {
    fn new(frame: Frame, facts: Facts) -> Self {
        let l = frame.locale;
        let Facts {
            customer,
            users,
            accounts,
            limits,
            freezes,
            mut orders,
            checks,
            doors,
            names,
            assets,
            now,
        } = facts;
        let minor = |fen: u64| money(i64::try_from(fen).unwrap_or(i64::MAX));
        // Ids are ordered by time; an order between two of the users came twice.
        orders.sort_by_key(|order| std::cmp::Reverse(order.id));
        orders.dedup_by_key(|order| order.id);
        let relations = customer.as_ref().map(|customer| Relations::new(l, customer));
        let identity = customer.map(|customer| Identity {
            id: customer.customer,
            name: customer.name.to_string(),
            id_number: customer.id_number.to_string(),
            class: customer.class.map(members::Class::code).unwrap_or_default(),
            frozen: customer.frozen,
            channels: customer.channels.join(", "),
            created: moment(customer.created_at),
        });
        let limit_row = |view: &LimitView| LimitRow {
            name: limit(view.code, l),
            limit: money(view.limit.signed()),
            used: money(view.used.signed()),
            left: money(view.left.signed()),
            resets: view.resets_at.map(moment).unwrap_or_default(),
        };
        let check_row = |check: &Verification| {
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
                cost: minor(check.price_minor),
            }
        };
        Self {
            checks: checks.iter().map(check_row).collect(),
            cost: minor(checks.iter().map(|check| check.price_minor).sum()),
            doors,
            identity,
            is_organisation: relations.as_ref().is_some_and(|r| r.is_organisation),
            relations,
            users: users.iter().map(|user| UserRow::new(l, user)).collect(),
            accounts: accounts
                .iter()
                .map(|account| AccountRow::new(account, &assets, &names))
                .collect(),
            limits: limits.iter().map(limit_row).collect(),
            freezes: freezes.iter().map(|entry| FreezeRow::new(l, entry, now)).collect(),
            orders: orders
                .into_iter()
                .take(30)
                .map(|order| OrderRow::new(l, order, &names))
                .collect(),
            frame,
        }
    }
}

#[cfg(test)]
impl Person {
    pub(super) fn sample(locale: Locale) -> Self {
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
            users: vec![super::users::sample_user(), super::users::sample_user()],
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
        let facts = Facts {
            users: customer.users.clone(),
            customer: Some(customer),
            accounts: vec![super::account::sample_account()],
            limits: ["life", "year", "day_two_factors", "day_one_factor"].map(limit).to_vec(),
            freezes: vec![super::account::sample_freeze(now)],
            orders: vec![super::orders::sample_order(Kind::Payment, Stage::Succeeded)],
            checks: [Some(true), Some(false), None]
                .map(|matched| Verification {
                    provider: "id-network".to_owned(),
                    channel: "id_network".to_owned(),
                    matched,
                    price_minor: 30,
                    at: now,
                })
                .to_vec(),
            doors: Doors::sample(locale, now),
            names: Names::none(locale),
            assets: Arc::new(super::unit::sample_assets()),
            now,
        };
        Self::new(Frame::sample(locale, Section::Users), facts)
    }
}
