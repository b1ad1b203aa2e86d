//! The book.

pub(super) mod account;
pub(super) mod balances;
pub(super) mod trial_balance;

pub(crate) use balances::not_found as account_not_found;
pub(crate) use trial_balance::TrialBalanceBody;
