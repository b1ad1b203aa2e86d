//! The freeze register (登记簿): entries, their ranks, and the union that is in force.

use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, RegisterEntryId, Timestamp, UserId};

/// What an entry bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// All users and merchants of a customer.
    Customer(CustomerId),
    /// All accounts of a user.
    User(UserId),
    /// One account.
    Account(AccountId),
}

/// Who may freeze and lift; a later variant outranks an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeLevel {
    /// The holder's own request.
    Own,
    /// Risk control.
    Risk,
    /// A court or another authority (司法冻结).
    Judicial,
}

/// Which direction is barred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Nothing may leave (只收不付).
    Debit,
    /// Nothing may come in (只付不收).
    Credit,
    /// Nothing moves (不收不付).
    Both,
}

/// An entry to be made.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What is barred.
    pub target: Target,
    /// Who does it (an operator).
    pub who: String,
    /// Why.
    pub reason: String,
    /// Number of the document that orders it; judicial freezes need one.
    pub document: Option<String>,
    /// Its rank.
    pub level: FreezeLevel,
    /// Which direction.
    pub scope: Scope,
    /// In force until then; `None`: until lifted.
    pub until: Option<Timestamp>,
}

/// An entry of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterEntry {
    /// The entry.
    pub id: RegisterEntryId,
    /// What is barred.
    pub target: Target,
    /// Who did it.
    pub who: String,
    /// Why.
    pub reason: String,
    /// Document number.
    pub document: Option<String>,
    /// Its rank.
    pub level: FreezeLevel,
    /// Which direction.
    pub scope: Scope,
    /// Since when.
    pub from: Timestamp,
    /// In force until then.
    pub until: Option<Timestamp>,
    /// When, by whom and why it was lifted.
    pub lifted: Option<Lifted>,
}

/// How an entry ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why.
    pub reason: String,
}
