//! Copying the accounts little by little, as they were when the copy was begun.
//!
//! The book goes on meanwhile: of an account that is about to change and is not copied yet, what it
//! was is kept aside.

use crate::account::Account;
use std::collections::HashMap;

/// A copy that is being made.
#[derive(Debug)]
pub(super) struct Copying {
    /// The accounts copied so far, in their order.
    copied: Vec<Account>,
    /// How many there were.
    count: usize,
    /// By their places, what accounts were that have changed before they were copied.
    before: HashMap<usize, Account>,
}

impl Copying {
    /// Of the first `count` accounts.
    pub(super) fn of(count: usize) -> Self {
        Self { copied: Vec::with_capacity(count), count, before: HashMap::new() }
    }

    /// Is told of every account before it changes.
    pub(super) fn keep(&mut self, place: usize, account: &Account) {
        if (self.copied.len()..self.count).contains(&place) {
            self.before.entry(place).or_insert_with(|| account.clone());
        }
    }

    /// Copies at most so many more; whether all are.
    pub(super) fn more(&mut self, most: usize, accounts: &[Account]) -> bool {
        let from = self.copied.len();
        let until = from.saturating_add(most).min(self.count);
        self.copied.extend_from_slice(accounts.get(from..until).unwrap_or_default());
        if !self.before.is_empty() {
            for (place, copied) in (from..).zip(self.copied.iter_mut().skip(from)) {
                if let Some(before) = self.before.remove(&place) {
                    *copied = before;
                }
            }
        }
        until == self.count
    }

    pub(super) fn done(self) -> Vec<Account> {
        self.copied
    }
}
