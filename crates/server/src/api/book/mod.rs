//! The book.

pub(super) mod account;
pub(super) mod balances;
pub(super) mod trial_balance;
