//! What stands on an account, as the API shows it.

use crate::app::Site;
use ledger::Account;
use serde::Serialize;
use types::{AccountId, Problem, ProblemKind};

/// What stands on an account, minor units.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Balances {
    /// The account.
    #[schema(value_type = String)]
    account: AccountId,
    /// What is posted.
    balance_minor: i64,
    /// The part of it set aside by holds.
    held_minor: i64,
    /// Balance less held.
    available_minor: i64,
    /// Incoming holds; beside the balance, never inside it.
    unconfirmed_minor: i64,
}

/// Every balance of the book fits: amounts are bounded by `i64::MAX` and so are their sums on any
/// account a day can fill; what would not fit is shown as the bound.
pub(super) fn narrow(minor: i128) -> i64 {
    i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX })
}

impl Balances {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            account: account.id,
            balance_minor: narrow(account.balance()),
            held_minor: narrow(account.held().into()),
            available_minor: narrow(account.available()),
            unconfirmed_minor: narrow(account.unconfirmed().into()),
        }
    }

    /// Those of an account that must be there.
    pub(crate) fn of_account(site: &Site, id: AccountId) -> Result<Self, Problem> {
        Ok(Self::of(&find(site, id)?))
    }
}

/// The account, or `account_not_found`.
pub(super) fn find(site: &Site, id: AccountId) -> Result<Account, Problem> {
    site.book.account(id).ok_or_else(not_found)
}

/// No such account.
pub(crate) fn not_found() -> Problem {
    let (en, zh) = ("there is no such account", "账户不存在");
    Problem::new(ProblemKind::NotFound, "account_not_found", en, zh)
}
