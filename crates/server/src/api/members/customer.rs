//! `GET /v1/admin/customers/{id}`: all of a customer at once, for operators. Personal values are
//! masked.

use super::held::CredentialsBody;
use crate::api::Answer;
use crate::api::sso::SignOnsBody;
use crate::app::Site;
use crate::dossier::{Dossier, KnownUser};
use crate::extract::{Id, Operator};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use ledger::Account;
use members::{
    Authority, Class, CustomerKind, CustomerView, FreezeLevel, LimitView, Merchant, RegisterEntry,
    Scope, Secondary, Standing, Verification,
};
use money::Amount;
use payments::{Kind, Order, Stage};
use risk::Outcome;
use serde::Serialize;
use types::{
    AccountId, CustomerId, MerchantId, OrderId, Problem, RegisterEntryId, Text, Timestamp, UserId,
};

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
    /// What it holds to prove itself.
    credentials: CredentialsBody,
    /// Where it is known, and what it has allowed.
    sign_ons: SignOnsBody,
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
    fn new(user: KnownUser, authorities: &[Authority], secondaries: &[Secondary]) -> Self {
        let view = user.view;
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
            credentials: user.held.into(),
            sign_ons: user.elsewhere.into(),
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

impl From<&Account> for CustomersAccountBody {
    fn from(account: &Account) -> Self {
        let minor = |balance: i128| i64::try_from(balance).unwrap_or(i64::MAX);
        Self {
            account: account.id,
            balance_minor: minor(account.balance()),
            available_minor: minor(account.available()),
            debits_blocked: account.controls.debits_blocked,
            credits_blocked: account.controls.credits_blocked,
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

/// These orders, each with what risk control said of it.
async fn judged(site: &Site, orders: &[Order]) -> Result<Vec<CustomersOrderBody>, Problem> {
    let mut shown = Vec::with_capacity(orders.len());
    for order in orders {
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

impl CustomerBody {
    fn new(
        dossier: Dossier,
        view: CustomerView,
        orders: Vec<CustomersOrderBody>,
        now: Timestamp,
    ) -> Self {
        let verification_cost_minor = dossier.verification_cost();
        let (authorities, secondaries) = (view.authorities, view.secondaries);
        let user = |user: KnownUser| CustomersUserBody::new(user, &authorities, &secondaries);
        Self {
            customer: view.customer,
            kind: view.kind,
            name: view.name.to_string(),
            id_number: view.id_number.to_string(),
            class: view.class,
            frozen: view.frozen,
            channels: view.channels,
            created_at: view.created_at,
            users: dossier.users.into_iter().map(user).collect(),
            merchants: view.merchants.iter().map(|merchant| merchant.as_ref().into()).collect(),
            accounts: dossier.accounts.iter().map(Into::into).collect(),
            limits: dossier.limits.into_iter().map(Into::into).collect(),
            freezes: dossier.freezes.into_iter().map(|entry| register(entry, now)).collect(),
            verifications: dossier.checks.into_iter().map(Into::into).collect(),
            verification_cost_minor,
            orders,
        }
    }
}

/// Show all of a customer: users with their credentials and where they are known, merchants,
/// accounts, limits, freezes, verifications, orders
///
/// No secret is in it: of a password only that it is set, since when, and whether it is locked.
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
    let (mut dossier, view) = Dossier::of_customer(&site, id).await?;
    let orders = judged(&site, &std::mem::take(&mut dossier.orders)).await?;
    Ok(Json(CustomerBody::new(dossier, view, orders, site.now())))
}
