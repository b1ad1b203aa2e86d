//! How far a key reaches.
//!
//! A key for the whole book reaches everything. Any other is confined to the house's own accounts
//! on the leaves it names: what customers, merchants, channels and banks own is moved by the
//! institution's rooms alone, and to the key it does not exist. An account's leaf and owner never
//! change, nor do a transaction's accounts, so what is looked at here is still so when the ledger
//! applies the call. For the same reason what is not in the book yet is out of reach: a confined
//! key opens an account in one call and uses it in the next, and ends a hold in a later call than
//! the one that makes it.

use super::keys::{LedgerKey, Reach};
use bookkeeper::{Bookkeeper, Error, Hold, TransactionView};
use ledger::{Account, Action, Command, GlCode, Move, Owner, Side, Transaction};
use std::collections::BTreeSet;
use types::{AccountId, TransactionId};

/// The code with which an item out of a key's reach is refused.
pub(super) const OUT_OF_REACH: &str = "ledger_key_reach";

/// A key's reach over a book.
pub(super) struct Guard<'a> {
    book: &'a Bookkeeper,
    leaves: Option<&'a BTreeSet<GlCode>>,
}

impl<'a> Guard<'a> {
    pub(super) fn new(book: &'a Bookkeeper, key: &'a LedgerKey) -> Self {
        let leaves = match &key.reach {
            Reach::WholeBook => None,
            Reach::Leaves(leaves) => Some(leaves),
        };
        Self { book, leaves }
    }

    /// Whether nothing is out of reach.
    pub(super) fn is_open(&self) -> bool {
        self.leaves.is_none()
    }

    /// Whether a command touches nothing out of reach.
    pub(super) fn allows(&self, command: &Command) -> Result<bool, Error> {
        let Some(leaves) = self.leaves else { return Ok(true) };
        Ok(match command {
            Command::OpenAccount(new) => {
                leaves.contains(&new.leaf)
                    && new.owner == Owner::House
                    && self.book.account(new.id).is_none_or(|known| self.sees(&known))
            }
            Command::SetControls { account, .. } | Command::Settle { source: account, .. } => {
                self.reaches([*account])
            }
            Command::Transact(transaction) => self.allows_transaction(transaction)?,
            Command::CutDay { .. } => false,
        })
    }

    fn allows_transaction(&self, tx: &Transaction) -> Result<bool, Error> {
        let ended = match tx.action {
            Action::PostHold { hold } | Action::VoidHold { hold } => Some(hold),
            Action::Post | Action::Hold { .. } => None,
        };
        let postings = tx.postings.iter().flat_map(|posting| [posting.debit, posting.credit]);
        let conditions = tx.conditions.iter().map(|condition| condition.account);
        let of_book = |id: Option<TransactionId>| {
            let Some(id) = id else { return Ok(true) };
            Ok::<_, Error>(self.book.transaction(id)?.is_some_and(|v| self.sees_transaction(&v)))
        };
        Ok(self.reaches(postings.chain(conditions))
            && of_book(ended)?
            && of_book(tx.corrects.map(|correction| correction.of))?)
    }

    /// Whether every one of these accounts is in the book and within reach.
    pub(super) fn reaches(&self, accounts: impl IntoIterator<Item = AccountId>) -> bool {
        if self.is_open() {
            return true;
        }
        let ids: Vec<AccountId> = accounts.into_iter().collect();
        let accounts = self.book.accounts(&ids);
        accounts.iter().all(|account| account.as_ref().is_some_and(|account| self.sees(account)))
    }

    /// Whether an account of the book is within reach.
    pub(super) fn sees(&self, account: &Account) -> bool {
        self.leaves
            .is_none_or(|leaves| leaves.contains(&account.leaf) && account.owner == Owner::House)
    }

    /// Whether a hold on an account within reach may be told. What is promised to an account is set
    /// aside of another, which may be out of reach.
    pub(super) fn tells(&self, hold: &Hold) -> bool {
        self.is_open() || hold.side == Side::Debit
    }

    /// Whether every account of a transaction of the book is within reach. One that found nothing
    /// to move is judged by what it asked for.
    pub(super) fn sees_transaction(&self, view: &TransactionView) -> bool {
        let moved = view.moves.iter().flat_map(|Move { debit, credit, .. }| [*debit, *credit]);
        let asked = view.transaction.postings.iter().flat_map(|p| [p.debit, p.credit]);
        self.reaches(moved.chain(asked))
    }
}
