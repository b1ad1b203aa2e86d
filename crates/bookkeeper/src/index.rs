//! The index of the past that readers ask: filled from what the ledger says took effect.
//!
//! In memory and rebuilt at every opening: about 400 bytes a transaction.

use crate::views::{Entry, Hold, TransactionView};
use ledger::{
    Account, Action, Effect, GlCode, Ledger, Move, Observer, Owner, Receipt, Side, Transaction,
    TransactionState,
};
use money::Amount;
use std::collections::HashMap;
use types::{AccountId, OrderId, Timestamp, TransactionId};

/// How many holds that have ended [`crate::Bookkeeper::holds`] shows.
pub(crate) const ENDED_HOLDS: usize = 100;

/// All that is remembered beside the ledger's own state.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Every posting that took effect; an entry's `seq` is its place, from 1.
    posted: Vec<Posted>,
    /// By account, its entries; only accounts that keep a history are here.
    entries: HashMap<AccountId, Vec<EntryRow>>,
    transactions: HashMap<TransactionId, Row>,
    /// The transactions in the order of their `seq`.
    sequence: Vec<(u64, TransactionId)>,
    orders: HashMap<OrderId, Vec<TransactionId>>,
    holds: HashMap<AccountId, Vec<TransactionId>>,
    leaves: HashMap<GlCode, Vec<AccountId>>,
    owners: HashMap<Owner, Vec<AccountId>>,
}

#[derive(Debug)]
struct Posted {
    transaction: TransactionId,
    at: Timestamp,
    moved: Move,
}

#[derive(Debug, Clone, Copy)]
struct EntryRow {
    /// The place in `posted`.
    place: usize,
    side: Side,
}

#[derive(Debug)]
struct Row {
    transaction: Transaction,
    receipt: Receipt,
    moves: Vec<Move>,
    /// Its own order, or its hold's.
    order: Option<OrderId>,
}

impl Observer for Index {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::AccountOpened { account, .. } => self.opened(account),
            Effect::Transacted { receipt, transaction, moves, .. } => {
                self.transacted(receipt, transaction, moves);
            }
            // The ledger itself knows these: controls, the open date, which holds wait.
            Effect::ControlsSet { .. } | Effect::HoldExpired { .. } | Effect::DayCut { .. } => {}
        }
    }
}

impl Index {
    fn opened(&mut self, account: &Account) {
        self.leaves.entry(account.leaf).or_default().push(account.id);
        self.owners.entry(account.owner).or_default().push(account.id);
        if account.flags.history {
            self.entries.entry(account.id).or_default();
        }
    }

    fn transacted(&mut self, receipt: Receipt, transaction: &Transaction, moves: &[Move]) {
        let id = transaction.id;
        let order = transaction.order.or_else(|| match transaction.action {
            Action::PostHold { hold } | Action::VoidHold { hold } => {
                self.transactions.get(&hold).and_then(|row| row.order)
            }
            Action::Post | Action::Hold { .. } => None,
        });
        match receipt.state {
            TransactionState::Posted => moves.iter().for_each(|m| self.posted(id, receipt.at, *m)),
            TransactionState::Pending => self.held(id, moves),
            _ => {}
        }
        if let Some(order) = order {
            self.orders.entry(order).or_default().push(id);
        }
        self.sequence.push((receipt.seq, id));
        let row = Row { transaction: transaction.clone(), receipt, moves: moves.to_vec(), order };
        self.transactions.insert(id, row);
    }

    fn posted(&mut self, transaction: TransactionId, at: Timestamp, moved: Move) {
        let place = self.posted.len();
        self.posted.push(Posted { transaction, at, moved });
        for (account, side) in [(moved.debit, Side::Debit), (moved.credit, Side::Credit)] {
            if let Some(entries) = self.entries.get_mut(&account) {
                entries.push(EntryRow { place, side });
            }
        }
    }

    fn held(&mut self, id: TransactionId, moves: &[Move]) {
        for moved in moves {
            let holds = self.holds.entry(moved.debit).or_default();
            if holds.last() != Some(&id) {
                holds.push(id);
            }
        }
    }

    /// The entries of an account behind `after`, oldest first.
    pub(crate) fn entries(
        &self,
        account: AccountId,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<Entry> {
        let rows = self.entries.get(&account).map_or(&[][..], Vec::as_slice);
        let start = rows.partition_point(|row| Some(seq(row.place)) <= after);
        rows[start..].iter().take(limit).filter_map(|row| self.entry(*row)).collect()
    }

    /// The newest entries of an account before `before`, newest first.
    pub(crate) fn latest_entries(
        &self,
        account: AccountId,
        before: Option<u64>,
        limit: usize,
    ) -> Vec<Entry> {
        let rows = self.entries.get(&account).map_or(&[][..], Vec::as_slice);
        let end = rows.partition_point(|row| before.is_none_or(|before| seq(row.place) < before));
        rows[..end].iter().rev().take(limit).filter_map(|row| self.entry(*row)).collect()
    }

    /// The last entry of an account at or before a moment.
    pub(crate) fn entry_at(&self, account: AccountId, at: Timestamp) -> Option<Entry> {
        let rows = self.entries.get(&account)?;
        let end = rows.partition_point(|row| self.posted[row.place].at <= at);
        end.checked_sub(1).and_then(|last| self.entry(rows[last]))
    }

    /// Whether the entries of this account are kept.
    pub(crate) fn keeps(&self, account: AccountId) -> bool {
        self.entries.contains_key(&account)
    }

    fn entry(&self, row: EntryRow) -> Option<Entry> {
        let Posted { transaction, at, moved } = self.posted.get(row.place)?;
        let of = self.transactions.get(transaction)?;
        let (counterpart, balance_after) = match row.side {
            Side::Debit => (moved.credit, moved.debit_balance),
            Side::Credit => (moved.debit, moved.credit_balance),
        };
        Some(Entry {
            seq: seq(row.place),
            transaction: *transaction,
            at: *at,
            date: of.receipt.date,
            event: of.transaction.event,
            order: of.order,
            side: row.side,
            amount: moved.amount,
            counterpart,
            balance_after,
        })
    }

    pub(crate) fn transaction(
        &self,
        ledger: &Ledger,
        id: TransactionId,
    ) -> Option<TransactionView> {
        let row = self.transactions.get(&id)?;
        Some(TransactionView {
            transaction: row.transaction.clone(),
            moves: row.moves.clone(),
            seq: row.receipt.seq,
            at: row.receipt.at,
            date: row.receipt.date,
            state: state(ledger, id, row),
        })
    }

    pub(crate) fn transactions(
        &self,
        ledger: &Ledger,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<TransactionView> {
        let start = self.sequence.partition_point(|(seq, _)| Some(*seq) <= after);
        let page = self.sequence[start..].iter().take(limit);
        page.filter_map(|(_, id)| self.transaction(ledger, *id)).collect()
    }

    pub(crate) fn transactions_of(&self, ledger: &Ledger, order: OrderId) -> Vec<TransactionView> {
        let ids = self.orders.get(&order).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.transaction(ledger, *id)).collect()
    }

    /// The holds that wait, then the last that have ended; newest first.
    pub(crate) fn holds(&self, ledger: &Ledger, account: AccountId) -> Vec<Hold> {
        let ids = self.holds.get(&account).map_or(&[][..], Vec::as_slice);
        let (waiting, ended): (Vec<TransactionId>, Vec<TransactionId>) =
            ids.iter().rev().partition(|id| ledger.hold(**id).is_some());
        let shown = waiting.into_iter().chain(ended.into_iter().take(ENDED_HOLDS));
        shown.filter_map(|id| self.hold(ledger, account, id)).collect()
    }

    fn hold(&self, ledger: &Ledger, account: AccountId, id: TransactionId) -> Option<Hold> {
        let row = self.transactions.get(&id)?;
        let Action::Hold { expires_at } = row.transaction.action else { return None };
        let amounts = row.moves.iter().filter(|m| m.debit == account).map(|m| m.amount);
        Some(Hold {
            id,
            event: row.transaction.event,
            order: row.order,
            account,
            // The ledger has checked this sum when it made the hold.
            amount: Amount::sum(amounts).unwrap_or(Amount::MAX),
            state: state(ledger, id, row),
            at: row.receipt.at,
            expires_at,
        })
    }

    pub(crate) fn of_leaf(&self, leaf: GlCode) -> &[AccountId] {
        self.leaves.get(&leaf).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn of_owner(&self, owner: Owner) -> &[AccountId] {
        self.owners.get(&owner).map_or(&[], Vec::as_slice)
    }
}

fn seq(place: usize) -> u64 {
    place as u64 + 1
}

fn state(ledger: &Ledger, id: TransactionId, row: &Row) -> TransactionState {
    ledger.past(id).map_or(row.receipt.state, |past| past.state())
}
