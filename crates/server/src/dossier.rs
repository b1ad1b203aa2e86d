//! All that the rooms know of a customer: the one reading behind the API's answer, which the command
//! line prints, and the console's page.

use crate::app::Site;
use ledger::Account;
use members::{CustomerView, Held, LimitView, RegisterEntry, Target, UserView, Verification};
use payments::{Filter, Order, Page};
use sso::Elsewhere;
use std::collections::BTreeMap;
use types::{AccountId, CustomerId, OrderId, Problem};

/// The newest orders that are read.
const ORDERS: u64 = 30;

/// A user, what it holds to prove itself, and where it is known.
pub(crate) struct KnownUser {
    pub(crate) view: UserView,
    pub(crate) held: Held,
    pub(crate) elsewhere: Elsewhere,
}

/// All of a customer but itself; or of a user who is none yet.
pub(crate) struct Dossier {
    pub(crate) users: Vec<KnownUser>,
    pub(crate) accounts: Vec<Account>,
    /// None for organisations.
    pub(crate) limits: Vec<LimitView>,
    /// The register: of the customer, its users and accounts, newest first.
    pub(crate) freezes: Vec<RegisterEntry>,
    pub(crate) checks: Vec<Verification>,
    /// The newest of its users, newest first; one between two of them once.
    pub(crate) orders: Vec<Order>,
}

impl Dossier {
    /// Reads a customer's; the customer comes beside it, its users lie in the dossier.
    ///
    /// # Errors
    /// `customer_not_found`; those of the rooms.
    pub(crate) async fn of_customer(
        site: &Site,
        id: CustomerId,
    ) -> Result<(Self, CustomerView), Problem> {
        let now = site.now();
        let mut customer = site.members.customer(id, now).await?;
        let views = std::mem::take(&mut customer.users);
        let limits = match customer.class {
            Some(_) => site.members.limits_view(id, now).await?,
            None => Vec::new(),
        };
        let dossier = Self {
            freezes: freezes(site, Some(id), &views, &customer.accounts).await?,
            accounts: site.book.accounts(&customer.accounts).into_iter().flatten().collect(),
            checks: site.members.verifications(id).await?,
            orders: orders(site, &views).await?,
            users: known(site, views).await?,
            limits,
        };
        Ok((dossier, customer))
    }

    /// Reads that of a user without customer.
    ///
    /// # Errors
    /// Those of the rooms.
    pub(crate) async fn of_stranger(site: &Site, user: UserView) -> Result<Self, Problem> {
        let views = vec![user];
        Ok(Self {
            freezes: freezes(site, None, &views, &[]).await?,
            orders: orders(site, &views).await?,
            users: known(site, views).await?,
            accounts: Vec::new(),
            limits: Vec::new(),
            checks: Vec::new(),
        })
    }

    /// What the verifications cost in all, fen.
    pub(crate) fn verification_cost(&self) -> u64 {
        self.checks.iter().map(|check| check.price_minor).sum()
    }
}

async fn known(site: &Site, views: Vec<UserView>) -> Result<Vec<KnownUser>, Problem> {
    let now = site.now();
    let mut users = Vec::with_capacity(views.len());
    for view in views {
        let held = site.members.held(view.user, now).await?;
        let elsewhere = site.sso.elsewhere(view.user, now).await?;
        users.push(KnownUser { view, held, elsewhere });
    }
    Ok(users)
}

async fn freezes(
    site: &Site,
    customer: Option<CustomerId>,
    users: &[UserView],
    accounts: &[AccountId],
) -> Result<Vec<RegisterEntry>, Problem> {
    let targets = customer
        .into_iter()
        .map(Target::Customer)
        .chain(users.iter().map(|user| Target::User(user.user)))
        .chain(accounts.iter().map(|account| Target::Account(*account)));
    let mut entries = Vec::new();
    for target in targets {
        entries.extend(site.members.register_entries(target).await?);
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    Ok(entries)
}

async fn orders(site: &Site, users: &[UserView]) -> Result<Vec<Order>, Problem> {
    // Ids are ordered by time.
    let mut found: BTreeMap<OrderId, Order> = BTreeMap::new();
    for user in users {
        let filter = Filter { user: Some(user.user), ..Filter::default() };
        let page = site.payments.list(&filter, Page { before: None, limit: ORDERS }).await?;
        found.extend(page.into_iter().map(|order| (order.id, order)));
    }
    let most = usize::try_from(ORDERS).unwrap_or(usize::MAX);
    Ok(found.into_values().rev().take(most).collect())
}
