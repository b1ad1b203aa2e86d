//! `GET /v1/admin/customers/{id}`: all of a customer at once, for operators. Personal values are
//! masked.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Id, Operator};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::{
    Authority, Class, CustomerKind, FreezeLevel, LimitView, Merchant, RegisterEntry, Scope,
    Secondary, Standing, Target, UserView, Verification,
};
use money::Amount;
use payments::{Filter, Kind, Order, Page, Stage};
use risk::Outcome;
use serde::Serialize;
use std::collections::BTreeMap;
use types::{
    AccountId, CustomerId, MerchantId, OrderId, Problem, RegisterEntryId, Text, Timestamp, UserId,
};

/// The newest orders that are shown.
const ORDERS: u64 = 30;

/// All of a customer.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomerBody {
    #[schema(value_type = String)]
    customer: CustomerId,
    /// `person` or `organisation`.
    #[schema(value_type = String)]
    kind: CustomerKind,
    /// Masked.
    name: String,
    /// Masked.
    id_number: String,
    #[schema(value_type = Option<String>)]
    class: Option<Class>,
    /// Whether the customer itself is frozen.
    frozen: bool,
    /// The external channels that have proved who it is.
    channels: Vec<String>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    users: Vec<CustomersUserBody>,
    /// The merchants of an organisation.
    merchants: Vec<CustomersMerchantBody>,
    accounts: Vec<CustomersAccountBody>,
    limits: Vec<LimitBody>,
    /// The register: of the customer, its users and accounts, newest first.
    freezes: Vec<RegisterBody>,
    verifications: Vec<VerificationBody>,
    /// What the verifications cost in all, fen.
    verification_cost_minor: u64,
    /// The newest orders of its users.
    orders: Vec<CustomersOrderBody>,
}

/// A user of the customer.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomersUserBody {
    #[schema(value_type = String)]
    user: UserId,
    /// Masked.
    phone: String,
    /// What its own account's balance may be used for.
    #[schema(value_type = Option<String>)]
    account_class: Option<Class>,
    #[schema(value_type = String)]
    standing: Standing,
    has_password: bool,
    /// The user whose payment password may open its orders.
    #[schema(value_type = Option<String>)]
    primary: Option<UserId>,
    /// On what it may act for the organisation.
    authority: Option<AuthorityBody>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// On what a user may act for an organisation.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AuthorityBody {
    /// Number of the document that authorises it.
    document: String,
    /// The operator who looked at it.
    by: String,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// A merchant of the customer.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomersMerchantBody {
    #[schema(value_type = String)]
    merchant: MerchantId,
    #[schema(value_type = Object)]
    name: Text,
    /// Its account of takings not settled yet.
    #[schema(value_type = String)]
    pending: AccountId,
    /// Its account of settled takings.
    #[schema(value_type = String)]
    settled: AccountId,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// An account of the customer.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomersAccountBody {
    #[schema(value_type = String)]
    account: AccountId,
    balance_minor: i64,
    available_minor: i64,
    debits_blocked: bool,
    credits_blocked: bool,
}

/// Where a limit stands.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LimitBody {
    /// `life`, `year`, `day_two_factors`, `day_one_factor`.
    limit: &'static str,
    #[schema(value_type = i64)]
    most_minor: Amount,
    #[schema(value_type = i64)]
    used_minor: Amount,
    #[schema(value_type = i64)]
    left_minor: Amount,
    #[schema(value_type = Option<String>)]
    resets_at: Option<Timestamp>,
}

/// An entry of the register.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RegisterBody {
    #[schema(value_type = String)]
    id: RegisterEntryId,
    /// The id of what it bars.
    target: String,
    #[schema(value_type = String)]
    level: FreezeLevel,
    #[schema(value_type = String)]
    scope: Scope,
    who: String,
    reason: String,
    document: Option<String>,
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    in_force: bool,
}

/// A check by a provider.
#[derive(Serialize, utoipa::ToSchema)]
pub struct VerificationBody {
    provider: String,
    /// What it proves, if it matched.
    channel: String,
    /// Absent where the provider did not answer.
    matched: Option<bool>,
    price_minor: u64,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// An order, with what risk control said of it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CustomersOrderBody {
    #[schema(value_type = String)]
    order: OrderId,
    #[schema(value_type = String)]
    kind: Kind,
    #[schema(value_type = String)]
    stage: Stage,
    #[schema(value_type = i64)]
    amount_minor: Amount,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    risk: Option<Outcome>,
}

impl CustomersUserBody {
    fn new(view: &UserView, authorities: &[Authority], secondaries: &[Secondary]) -> Self {
        let authority = authorities.iter().find(|authority| authority.user == view.user);
        let secondary = secondaries.iter().find(|secondary| secondary.user == view.user);
        Self {
            primary: secondary.map(|secondary| secondary.primary),
            authority: authority.map(|authority| AuthorityBody {
                document: authority.document.clone(),
                by: authority.by.clone(),
                at: authority.at,
            }),
            user: view.user,
            phone: view.phone.to_string(),
            account_class: view.account_class,
            standing: view.standing,
            has_password: view.has_password,
            created_at: view.created_at,
        }
    }
}

impl From<&Merchant> for CustomersMerchantBody {
    fn from(merchant: &Merchant) -> Self {
        Self {
            merchant: merchant.merchant,
            name: merchant.name.clone(),
            pending: merchant.pending,
            settled: merchant.settled,
            created_at: merchant.created_at,
        }
    }
}

impl From<LimitView> for LimitBody {
    fn from(view: LimitView) -> Self {
        Self {
            limit: view.code,
            most_minor: view.limit,
            used_minor: view.used,
            left_minor: view.left,
            resets_at: view.resets_at,
        }
    }
}

impl From<Verification> for VerificationBody {
    fn from(check: Verification) -> Self {
        Self {
            provider: check.provider,
            channel: check.channel,
            matched: check.matched,
            price_minor: check.price_minor,
            at: check.at,
        }
    }
}

fn register(entry: RegisterEntry, now: Timestamp) -> RegisterBody {
    RegisterBody {
        in_force: entry.in_force(now),
        id: entry.id,
        target: entry.target.to_string(),
        level: entry.level,
        scope: entry.scope,
        who: entry.who,
        reason: entry.reason,
        document: entry.document,
        from: entry.from,
        until: entry.lifted.map(|lifted| lifted.at).or(entry.until),
    }
}

/// The newest orders of these users; one between two of them once.
async fn orders(site: &Site, users: &[UserView]) -> Result<Vec<CustomersOrderBody>, Problem> {
    let mut found: BTreeMap<OrderId, Order> = BTreeMap::new();
    for user in users {
        let filter = Filter { user: Some(user.user), ..Filter::default() };
        let page = site.payments.list(&filter, Page { before: None, limit: ORDERS }).await?;
        found.extend(page.into_iter().map(|order| (order.id, order)));
    }
    let newest = found.into_values().rev().take(usize::try_from(ORDERS).unwrap_or(usize::MAX));
    let mut shown = Vec::new();
    for order in newest {
        let decision = site.risk.decision_of_order(order.id).await?;
        shown.push(CustomersOrderBody {
            order: order.id,
            kind: order.kind,
            stage: order.stage,
            amount_minor: order.amount,
            created_at: order.created_at,
            risk: decision.map(|decision| decision.outcome),
        });
    }
    Ok(shown)
}

/// The register of a customer, its users and its accounts, newest first.
pub(crate) async fn register_of(
    site: &Site,
    customer: CustomerId,
    users: &[UserView],
    accounts: &[AccountId],
) -> Result<Vec<RegisterEntry>, Problem> {
    let targets = std::iter::once(Target::Customer(customer))
        .chain(users.iter().map(|user| Target::User(user.user)))
        .chain(accounts.iter().map(|account| Target::Account(*account)));
    let mut entries = Vec::new();
    for target in targets {
        entries.extend(site.members.register_entries(target).await?);
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    Ok(entries)
}

/// Show all of a customer: users, merchants, accounts, limits, freezes, verifications, orders
#[utoipa::path(get, path = "/v1/admin/customers/{id}", tag = "operators",
    operation_id = "show_customer", security(("operator" = [])),
    params(("id" = String, Path, description = "The customer")),
    responses((status = OK, body = CustomerBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    Id(id): Id<CustomerId>,
) -> Answer<CustomerBody> {
    let now = site.now();
    let view = site.members.customer(id, now).await?;
    let limits = match view.class {
        Some(_) => site.members.limits_view(id, now).await?,
        None => Vec::new(),
    };
    let entries = register_of(&site, id, &view.users, &view.accounts).await?;
    let checks = site.members.verifications(id).await?;
    let minor = |balance: i128| i64::try_from(balance).unwrap_or(i64::MAX);
    let accounts = site.book.accounts(&view.accounts).into_iter().flatten();
    Ok(Json(CustomerBody {
        customer: id,
        kind: view.kind,
        name: view.name.to_string(),
        id_number: view.id_number.to_string(),
        class: view.class,
        frozen: view.frozen,
        channels: view.channels,
        created_at: view.created_at,
        orders: orders(&site, &view.users).await?,
        users: view
            .users
            .iter()
            .map(|user| CustomersUserBody::new(user, &view.authorities, &view.secondaries))
            .collect(),
        merchants: view.merchants.iter().map(|merchant| merchant.as_ref().into()).collect(),
        accounts: accounts
            .map(|account| CustomersAccountBody {
                account: account.id,
                balance_minor: minor(account.balance()),
                available_minor: minor(account.available()),
                debits_blocked: account.controls.debits_blocked,
                credits_blocked: account.controls.credits_blocked,
            })
            .collect(),
        limits: limits.into_iter().map(Into::into).collect(),
        freezes: entries.into_iter().map(|entry| register(entry, now)).collect(),
        verification_cost_minor: checks.iter().map(|check| check.price_minor).sum(),
        verifications: checks.into_iter().map(Into::into).collect(),
    }))
}
