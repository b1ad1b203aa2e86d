//! Account statements: every entry with its running balance, and balances at any past moment.
//!
//! The book keeps sums, not entries. Who wants entries hands [`Statements`] to
//! [`crate::Ledger::apply_observed`], or an observer that writes them elsewhere (the bookkeeper's
//! go to disk).

use crate::account::Side;
use crate::engine::{Effect, Move, Observer};
use crate::idmap::IdMap;
use crate::outcome::{Receipt, TransactionState};
use money::Amount;
use types::{AccountId, BusinessDate, Timestamp, TransactionId};

/// One side of a posting, as the account that has it sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementEntry {
    /// The transaction.
    pub transaction: TransactionId,
    /// Its place among everything that ever took effect.
    pub seq: u64,
    /// The ledger's time.
    pub at: Timestamp,
    /// The accounting date.
    pub date: BusinessDate,
    /// The account's side.
    pub side: Side,
    /// How much, in minor units.
    pub amount: Amount,
    /// The account on the other side.
    pub counterpart: AccountId,
    /// The account's balance after it, on its normal side.
    pub balance_after: i128,
}

/// What became of a balance over some dates: opening + debits - credits (of a credit-normal
/// account: opening + credits - debits) is the closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// The balance before the first date, on the normal side.
    pub opening: i128,
    /// Debited on these dates.
    pub debits: u128,
    /// Credited on these dates.
    pub credits: u128,
    /// The balance after the last date, on the normal side.
    pub closing: i128,
}

/// The entries of every account that keeps a history ([`crate::Flags::history`]), in memory.
#[derive(Debug, Default)]
pub struct Statements {
    accounts: IdMap<AccountId, (Timestamp, Vec<StatementEntry>)>,
}

impl Observer for Statements {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::AccountOpened { receipt, account } if account.flags.history => {
                self.accounts.insert(account.id, (receipt.at, Vec::new()));
            }
            Effect::Transacted { receipt, transaction, moves, .. }
                if receipt.state == TransactionState::Posted =>
            {
                for one in moves {
                    self.moved(transaction.id, receipt, one);
                }
            }
            _ => {}
        }
    }
}

impl Statements {
    fn moved(&mut self, transaction: TransactionId, receipt: Receipt, one: &Move) {
        let sides = [
            (one.debit, Side::Debit, one.credit, one.debit_balance),
            (one.credit, Side::Credit, one.debit, one.credit_balance),
        ];
        for (account, side, counterpart, balance_after) in sides {
            if let Some((_, entries)) = self.accounts.get_mut(&account) {
                let Receipt { seq, at, date, .. } = receipt;
                let amount = one.amount;
                entries.push(StatementEntry {
                    transaction,
                    seq,
                    at,
                    date,
                    side,
                    amount,
                    counterpart,
                    balance_after,
                });
            }
        }
    }

    /// The entries of an account, oldest first; none for one that keeps no history.
    pub fn entries(&self, account: AccountId) -> &[StatementEntry] {
        self.accounts.get(&account).map_or(&[], |(_, entries)| entries)
    }

    /// The balance at a moment, on the normal side: after everything of that moment. `None` before
    /// the account was opened, or if it keeps no history.
    pub fn balance_at(&self, account: AccountId, at: Timestamp) -> Option<i128> {
        let (opened, entries) = self.accounts.get(&account)?;
        let before = entries.partition_point(|entry| entry.at <= at);
        (at >= *opened).then(|| balance(entries.get(..before).unwrap_or_default()))
    }

    /// What became of the balance from a date to another, both included. `None` for an account
    /// that keeps no history.
    pub fn period(
        &self,
        account: AccountId,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Option<Period> {
        let (_, entries) = self.accounts.get(&account)?;
        let first = entries.partition_point(|entry| entry.date < from);
        let end = entries.partition_point(|entry| entry.date <= to).max(first);
        let within = entries.get(first..end).unwrap_or_default();
        let sum = |side| {
            let of = within.iter().filter(|entry| entry.side == side);
            of.fold(0u128, |sum, entry| sum.saturating_add(u128::from(entry.amount.minor())))
        };
        Some(Period {
            opening: balance(entries.get(..first).unwrap_or_default()),
            debits: sum(Side::Debit),
            credits: sum(Side::Credit),
            closing: balance(entries.get(..end).unwrap_or_default()),
        })
    }
}

fn balance(entries: &[StatementEntry]) -> i128 {
    entries.last().map_or(0, |entry| entry.balance_after)
}
