//! Reading the past: one reader's look at the book between two batches.

use crate::notes::{lists, owner_list};
use crate::past::{DiskPast, Known, Unread, moment_bits, moment_of};
use crate::row::{Kind, Row, RowMove};
use crate::views::{Entry, Hold, TransactionView};
use archive::{Link, Mark, View};
use ledger::{Account, Action, Command, GlCode, Ledger, Move, Owner, Side, Transaction};
use money::Amount;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Bound;
use types::{AccountId, OrderId, Timestamp, TransactionId};

/// How many holds that have ended [`crate::Bookkeeper::holds`] shows.
const ENDED_HOLDS: usize = 100;
/// How many items of a list are read at once where it is not known how many are needed.
const PAGE: usize = 128;
/// How many pieces of the journal a look remembers: neighbours lie in one piece.
const PIECES: usize = 64;

type Read<T> = Result<T, Unread>;

/// A look at the book.
pub(crate) struct Look<'m> {
    ledger: &'m Ledger<DiskPast>,
    past: &'m DiskPast,
    view: View<'m>,
    pieces: RefCell<HashMap<u64, Vec<Command>>>,
}

/// A transaction as it was asked for, and all that came of it.
struct Found {
    transaction: Transaction,
    row: Row,
    mark: Mark,
}

fn contradiction<T>(what: impl Into<String>) -> Read<T> {
    Err(Unread::Contradiction(what.into()))
}

impl<'m> Look<'m> {
    pub(crate) fn new(ledger: &'m Ledger<DiskPast>) -> Self {
        let past = ledger.memory();
        Self { ledger, past, view: past.archive.view(), pieces: RefCell::default() }
    }

    fn account_at(&self, place: u64) -> Read<&'m Account> {
        let account = usize::try_from(place).ok().and_then(|p| self.ledger.accounts().get(p));
        account.map_or_else(|| contradiction(format!("no account at place {place}")), Ok)
    }

    fn accounts_in(&self, (kind, key): (u8, u128)) -> Read<Vec<Account>> {
        let items = self.view.above(kind, key, Bound::Unbounded, usize::MAX)?;
        items.into_iter().map(|item| self.account_at(item.to).cloned()).collect()
    }

    pub(crate) fn of_leaf(&self, leaf: GlCode) -> Read<Vec<Account>> {
        self.accounts_in((lists::LEAVES, u128::from(leaf.0)))
    }

    pub(crate) fn of_owner(&self, owner: Owner) -> Read<Vec<Account>> {
        self.accounts_in(owner_list(owner))
    }

    /// The command of a piece.
    fn command(&self, mark: Mark, number: u8) -> Read<Command> {
        let mut pieces = self.pieces.borrow_mut();
        if pieces.len() >= PIECES && !pieces.contains_key(&mark.place) {
            pieces.clear();
        }
        let piece = match pieces.entry(mark.place) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(room) => {
                room.insert(self.past.piece(mark.place)?)
            }
        };
        let command = piece.get(usize::from(number)).cloned();
        command.map_or_else(|| contradiction(format!("no command {number} in a piece")), Ok)
    }

    fn found(&self, seq: u64, row: Row) -> Read<Option<Found>> {
        if row.kind == Kind::NoTransaction {
            return Ok(None);
        }
        let mark = self.past.mark(seq)?;
        match self.command(mark, row.number)? {
            Command::Transact(transaction) => Ok(Some(Found { transaction, row, mark })),
            _ => contradiction(format!("what took effect as {seq} is no transaction")),
        }
    }

    fn known(&self, id: TransactionId) -> Read<Option<Known>> {
        self.past.known(id)
    }

    /// The transaction's own order, or its hold's.
    fn order_of(&self, transaction: &Transaction) -> Read<Option<OrderId>> {
        let hold = match transaction.action {
            Action::PostHold { hold } | Action::VoidHold { hold } => hold,
            Action::Post | Action::Hold { .. } => return Ok(transaction.order),
        };
        if transaction.order.is_some() {
            return Ok(transaction.order);
        }
        let Some(known) = self.known(hold)? else {
            return contradiction(format!("hold {hold} is not known"));
        };
        let found = self.found(known.seq, self.past.row(known.seq)?)?;
        Ok(found.and_then(|found| found.transaction.order))
    }

    fn entry(&self, place: u32, item: Link) -> Read<Entry> {
        let row = self.past.row(item.to)?;
        let (moved, side) = side_of(place, item, &row)?;
        let Some(Found { transaction, mark, .. }) = self.found(item.to, row)? else {
            return contradiction(format!("entry {} is of no transaction", item.at));
        };
        let [debit, credit] = moved.places;
        let [debited, credited] = moved.balances;
        let (other, balance_after) = match side {
            Side::Debit => (credit, debited),
            Side::Credit => (debit, credited),
        };
        Ok(Entry {
            seq: item.at,
            transaction: transaction.id,
            at: moment_of(mark.at),
            date: self.past.date_of(item.to),
            event: transaction.event,
            order: self.order_of(&transaction)?,
            side,
            amount: moved.amount,
            counterpart: self.account_at(u64::from(other))?.id,
            balance_after,
        })
    }

    /// The entries of an account behind `after`, oldest first.
    pub(crate) fn entries(
        &self,
        account: AccountId,
        after: Option<u64>,
        limit: usize,
    ) -> Read<Vec<Entry>> {
        let Some(place) = self.ledger.place(account) else { return Ok(Vec::new()) };
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let items = self.view.above(lists::ENTRIES, u128::from(place), after, limit)?;
        items.into_iter().map(|item| self.entry(place, item)).collect()
    }

    /// The newest entries of an account before `before`, newest first.
    pub(crate) fn latest_entries(
        &self,
        account: AccountId,
        before: Option<u64>,
        limit: usize,
    ) -> Read<Vec<Entry>> {
        let Some(place) = self.ledger.place(account) else { return Ok(Vec::new()) };
        let before = before.map_or(Bound::Unbounded, Bound::Excluded);
        let items = self.view.below(lists::ENTRIES, u128::from(place), before, limit)?;
        items.into_iter().map(|item| self.entry(place, item)).collect()
    }

    /// The balance of an account after the last entry at or before a moment; zero before any.
    pub(crate) fn balance_at(&self, account: AccountId, at: Timestamp) -> Read<i128> {
        let Some(place) = self.ledger.place(account) else { return Ok(0) };
        let before = match self.view.mark_after(moment_bits(at))? {
            None => Bound::Unbounded,
            Some(later) => self.first_entry_from(later.seq)?,
        };
        let last = self.view.below(lists::ENTRIES, u128::from(place), before, 1)?;
        let Some(item) = last.first().copied() else { return Ok(0) };
        let row = self.past.row(item.to)?;
        let (moved, side) = side_of(place, item, &row)?;
        let [debited, credited] = moved.balances;
        Ok(if side == Side::Debit { debited } else { credited })
    }

    /// Below which number the entries of everything before `seq` are.
    fn first_entry_from(&self, seq: u64) -> Read<Bound<u64>> {
        let mut after = seq.saturating_sub(1);
        loop {
            let rows = self.view.rows_above(after, PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(Bound::Unbounded) };
            after = *last;
            for (seq, bytes) in &rows {
                let row = decode(*seq, bytes)?;
                if row.kind != Kind::NoTransaction {
                    return Ok(Bound::Included(row.entries_before));
                }
            }
        }
    }

    fn view_of(&self, seq: u64, row: Row) -> Read<Option<TransactionView>> {
        let Some(Found { transaction, row, mark }) = self.found(seq, row)? else {
            return Ok(None);
        };
        let Some(known) = self.known(transaction.id)?.filter(|known| known.seq == seq) else {
            return contradiction(format!("transaction {} is known otherwise", transaction.id));
        };
        let moves = row.moves.iter().map(|moved| self.moved(moved)).collect::<Read<_>>()?;
        let date = self.past.date_of(seq);
        let (at, state) = (moment_of(mark.at), known.state);
        let corrected_by = self.ledger.corrections(transaction.id).to_vec();
        Ok(Some(TransactionView { transaction, moves, seq, at, date, state, corrected_by }))
    }

    fn moved(&self, row: &RowMove) -> Read<Move> {
        let [debit, credit] = row.places;
        let [debit_balance, credit_balance] = row.balances;
        Ok(Move {
            debit: self.account_at(u64::from(debit))?.id,
            credit: self.account_at(u64::from(credit))?.id,
            amount: row.amount,
            debit_balance,
            credit_balance,
            places: row.places,
        })
    }

    pub(crate) fn transaction(&self, id: TransactionId) -> Read<Option<TransactionView>> {
        let Some(known) = self.known(id)? else { return Ok(None) };
        let view = self.view_of(known.seq, self.past.row(known.seq)?)?;
        match view {
            Some(view) if view.transaction.id != id => {
                contradiction(format!("transaction {id} is not in its place"))
            }
            view => Ok(view),
        }
    }

    pub(crate) fn transactions(
        &self,
        after: Option<u64>,
        limit: usize,
    ) -> Read<Vec<TransactionView>> {
        let mut views = Vec::new();
        let mut after = after.unwrap_or(0);
        while views.len() < limit {
            let rows = self.view.rows_above(after, (limit - views.len()).min(PAGE))?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (seq, bytes) in &rows {
                views.extend(self.view_of(*seq, decode(*seq, bytes)?)?);
            }
        }
        Ok(views)
    }

    pub(crate) fn transactions_of(&self, order: OrderId) -> Read<Vec<TransactionView>> {
        let items =
            self.view.above(lists::ORDERS, order.as_u128(), Bound::Unbounded, usize::MAX)?;
        let mut views = Vec::with_capacity(items.len());
        for item in items {
            views.extend(self.view_of(item.to, self.past.row(item.to)?)?);
        }
        Ok(views)
    }

    /// The holds that wait, then the last that have ended; newest first.
    pub(crate) fn holds(&self, account: AccountId) -> Read<Vec<Hold>> {
        let Some(place) = self.ledger.place(account) else { return Ok(Vec::new()) };
        let on_it = |hold: &&ledger::Hold| hold.postings.iter().any(|p| p.debit == account);
        let mut waiting = Vec::new();
        for hold in self.ledger.holds().filter(on_it) {
            let Some(known) = self.known(hold.id)? else {
                return contradiction(format!("hold {} is not known", hold.id));
            };
            waiting.push((known.seq, known, hold));
        }
        waiting.sort_unstable_by_key(|(seq, ..)| std::cmp::Reverse(*seq));
        let seqs: Vec<u64> = waiting.iter().map(|(seq, ..)| *seq).collect();
        let mut holds: Vec<Hold> =
            waiting.into_iter().map(|(_, known, hold)| waits(account, known, hold)).collect();
        let (mut before, mut ended) = (Bound::Unbounded, 0);
        while ended < ENDED_HOLDS {
            let items = self.view.below(lists::HOLDS, u128::from(place), before, PAGE)?;
            let Some(last) = items.last() else { break };
            before = Bound::Excluded(last.at);
            for item in items.iter().filter(|item| !seqs.contains(&item.to)) {
                if ended < ENDED_HOLDS {
                    ended += 1;
                    holds.push(self.ended(account, place, item.to)?);
                }
            }
        }
        Ok(holds)
    }

    fn ended(&self, account: AccountId, place: u32, seq: u64) -> Read<Hold> {
        let Some(found) = self.found(seq, self.past.row(seq)?)? else {
            return contradiction(format!("what took effect as {seq} is no hold"));
        };
        let Found { transaction, row, mark } = found;
        let (Action::Hold { expires_at }, Some(known)) =
            (transaction.action, self.known(transaction.id)?)
        else {
            return contradiction(format!("transaction {} is no hold", transaction.id));
        };
        let amounts = row.moves.iter().filter(|m| m.places[0] == place).map(|m| m.amount);
        Ok(Hold {
            id: transaction.id,
            event: transaction.event,
            order: transaction.order,
            account,
            // The ledger has checked this sum when it made the hold.
            amount: Amount::sum(amounts).unwrap_or(Amount::MAX),
            state: known.state,
            at: moment_of(mark.at),
            expires_at,
        })
    }
}

fn waits(account: AccountId, known: Known, hold: &ledger::Hold) -> Hold {
    let amounts = hold.postings.iter().filter(|p| p.debit == account).map(|p| p.amount);
    Hold {
        id: hold.id,
        event: hold.event,
        order: hold.order,
        account,
        // As above.
        amount: Amount::sum(amounts).unwrap_or(Amount::MAX),
        state: known.state,
        at: hold.at,
        expires_at: hold.expires_at,
    }
}

fn decode(seq: u64, bytes: &[u8]) -> Read<Row> {
    Row::decode(seq, bytes).map_or_else(|| contradiction(format!("no row {seq}")), Ok)
}

/// The move an entry is of, and the account's side of it.
fn side_of(place: u32, item: Link, row: &Row) -> Read<(RowMove, Side)> {
    let number = item.at.checked_sub(row.entries_before).and_then(|number| number.checked_sub(1));
    let number = number.and_then(|number| usize::try_from(number).ok());
    let moved = number.filter(|_| row.kind == Kind::Posted).and_then(|at| row.moves.get(at));
    match moved {
        Some(moved) if moved.places[0] == place => Ok((*moved, Side::Debit)),
        Some(moved) if moved.places[1] == place => Ok((*moved, Side::Credit)),
        _ => contradiction(format!("entry {} is not the account's", item.at)),
    }
}
