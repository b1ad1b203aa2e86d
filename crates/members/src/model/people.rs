//! Users and customers as others see them.

use super::class::Class;
use super::merchant::Merchant;
use super::organisation::Authority;
use super::secondary::Secondary;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{AccountId, CustomerId, Masked, Timestamp, UserId};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// A registration to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Mainland mobile number, eleven digits; one user a number.
    pub phone: Masked,
    /// E-mail address.
    pub email: Option<Masked>,
    /// A name to sign in with, 3 to 32 of `a-z 0-9 _ . -`.
    pub login_name: Option<String>,
}

/// Whether a user may act, as the freeze register has it. Says nothing of who froze and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing bars it.
    Active,
    /// Its account is frozen.
    AccountFrozen,
    /// The user is frozen.
    UserFrozen,
    /// Its customer is frozen.
    CustomerFrozen,
}

/// A user. Personal values are masked; `Masked` shows only their ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// The user.
    pub user: UserId,
    /// Its customer, once verified or authorised.
    pub customer: Option<CustomerId>,
    /// The customer's class, once verified.
    pub class: Option<Class>,
    /// The class of its own account: what the balance may be used for.
    pub account_class: Option<Class>,
    /// Its cash account, once verified; the users of organisations have none.
    pub account: Option<AccountId>,
    /// Whether it may act.
    pub standing: Standing,
    /// Phone.
    pub phone: Masked,
    /// Sign-in name.
    pub login_name: Option<String>,
    /// Whether it has a payment password.
    pub has_password: bool,
    /// When it registered.
    pub created_at: Timestamp,
}

/// What an order needs of a user; cached, so that it costs no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payer {
    /// The user.
    pub user: UserId,
    /// Its customer, once verified.
    pub customer: Option<CustomerId>,
    /// The customer's class, once verified.
    pub class: Option<Class>,
    /// The class of its own account: what the balance may be used for.
    pub account_class: Option<Class>,
    /// Its cash account, once verified.
    pub account: Option<AccountId>,
    /// Its phone as lists keep it: a keyed hash.
    pub phone: [u8; 32],
    /// Its document, once verified, as lists keep it.
    pub document: Option<[u8; 32]>,
    /// When it registered.
    pub created_at: Timestamp,
}

impl Payer {
    /// Whole days since it registered.
    pub fn age_days(&self, now: Timestamp) -> i64 {
        let micros = now.as_micros().saturating_sub(self.created_at.as_micros());
        micros.max(0) / MICROS_A_DAY
    }
}

/// What kind of customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKind {
    /// A natural person.
    Person,
    /// An organisation, which has merchants.
    Organisation,
}

/// A customer with its users and accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerView {
    /// The customer.
    pub customer: CustomerId,
    /// Person or organisation.
    pub kind: CustomerKind,
    /// Name, masked.
    pub name: Masked,
    /// Document number or social credit code, masked.
    pub id_number: Masked,
    /// Class; organisations have none.
    pub class: Option<Class>,
    /// Whether the customer itself is frozen.
    pub frozen: bool,
    /// Its users.
    pub users: Vec<UserView>,
    /// On what the users of an organisation may act for it.
    pub authorities: Vec<Authority>,
    /// Which of its users are secondaries of which.
    pub secondaries: Vec<Secondary>,
    /// The merchants of an organisation, oldest first.
    pub merchants: Vec<Arc<Merchant>>,
    /// Every ledger account of its users and merchants.
    pub accounts: Vec<AccountId>,
    /// External channels that have proved the identity (`id_network`, `bank:...`).
    pub channels: Vec<String>,
    /// When it was first known.
    pub created_at: Timestamp,
}

/// Which users a page lists.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Only this phone's.
    pub phone: Option<Masked>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
}

/// One page of users, newest first.
#[derive(Debug, Clone)]
pub struct UserPage {
    /// The users.
    pub users: Vec<UserView>,
    /// Pass as `before` for the next page; `None` at the end.
    pub next: Option<UserId>,
    /// How many users there are in all.
    pub total: u64,
}
