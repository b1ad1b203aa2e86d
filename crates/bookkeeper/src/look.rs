//! Reading the past: one reader's look at the book, as it is when the look begins.
//!
//! A look holds the book still only while it copies from memory, once for a whole page; files of
//! the index and of the journal are read while the clerk goes on. What took effect meanwhile has a
//! higher number than the look's own, and is left out.

use crate::model::Model;
use crate::notes::{lists, owner_list};
use crate::past::{Known, Unread, known, moment_bits, moment_of, piece_at};
use crate::row::{Kind, Row, RowMove};
use crate::views::{Entry, TransactionView};
use archive::{Access, Archive, Link, View};
use journal::Reader;
use ledger::{
    Account, Action, Command, CorrectedBy, GlCode, Move, Owner, Side, Transaction, TransactionState,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use types::{AccountId, BusinessDate, OrderId, Timestamp, TransactionId};

/// How many items of a list are read at once where it is not known how many are needed.
pub(crate) const PAGE: usize = 128;
/// How many pieces of the journal a look remembers: neighbours lie in one piece.
const PIECES: usize = 64;

pub(crate) type Read<T> = Result<T, Unread>;

/// The book for as long as something is copied from it.
///
/// Poisoned by a panic of the clerk, who takes nothing more; what is there can be read.
pub(crate) fn still(book: &RwLock<Model>) -> RwLockReadGuard<'_, Model> {
    book.read().unwrap_or_else(PoisonError::into_inner)
}

/// Its archive for as long as something is copied from it.
struct Still<'m>(&'m RwLock<Model>);

impl Access for Still<'_> {
    fn look<T>(&self, look: impl FnOnce(&Archive) -> T) -> T {
        look(&still(self.0).ledger.memory().archive)
    }
}

/// A look at the book.
pub(crate) struct Look<'m> {
    book: &'m RwLock<Model>,
    view: View<Still<'m>>,
    reader: Arc<dyn Reader>,
    /// What took effect, and how many entries there were, when the look began.
    seq: u64,
    entries: u64,
    pieces: RefCell<HashMap<u64, Vec<Command>>>,
}

/// A transaction as it was asked for, and what came of it.
pub(crate) struct Found {
    pub seq: u64,
    pub transaction: Transaction,
    pub row: Row,
    pub at: Timestamp,
    pub date: BusinessDate,
}

pub(crate) fn contradiction<T>(what: impl Into<String>) -> Read<T> {
    Err(Unread::Contradiction(what.into()))
}

impl<'m> Look<'m> {
    pub(crate) fn new(book: &'m RwLock<Model>) -> Self {
        let model = still(book);
        let (seq, entries) = (model.ledger.seq(), model.notes.entries);
        let reader = Arc::clone(model.ledger.memory().reader());
        drop(model);
        Self { book, view: View::of(Still(book)), reader, seq, entries, pieces: RefCell::default() }
    }

    /// Copies something from memory.
    pub(crate) fn copy<T>(&self, copy: impl FnOnce(&Model) -> T) -> T {
        copy(&still(self.book))
    }

    pub(crate) const fn view(&self) -> &View<impl Access> {
        &self.view
    }

    /// The number of what took effect last when the look began.
    pub(crate) const fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn place(&self, account: AccountId) -> Option<u32> {
        self.copy(|model| model.ledger.place(account))
    }

    fn accounts_in(&self, (kind, key): (u8, u128)) -> Read<Vec<Account>> {
        let items = self.view.above(kind, key, Bound::Unbounded, usize::MAX)?;
        let at = |model: &Model, place| account_at(model, place).cloned();
        self.copy(|model| items.into_iter().map(|item| at(model, item.to)).collect())
    }

    pub(crate) fn of_leaf(&self, leaf: GlCode) -> Read<Vec<Account>> {
        self.accounts_in((lists::LEAVES, u128::from(leaf.0)))
    }

    pub(crate) fn of_owner(&self, owner: Owner) -> Read<Vec<Account>> {
        self.accounts_in(owner_list(owner))
    }

    /// The command of a piece.
    fn command(&self, place: u64, number: u8) -> Read<Command> {
        let mut pieces = self.pieces.borrow_mut();
        if pieces.len() >= PIECES && !pieces.contains_key(&place) {
            pieces.clear();
        }
        let piece = match pieces.entry(place) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(room) => {
                room.insert(piece_at(&*self.reader, place)?)
            }
        };
        let command = piece.get(usize::from(number)).cloned();
        command.map_or_else(|| contradiction(format!("no command {number} in a piece")), Ok)
    }

    /// What is known of these ids now, in their order.
    pub(crate) fn known(&self, ids: &[TransactionId]) -> Read<Vec<Option<Known>>> {
        let bits: Vec<u128> = ids.iter().map(|id| id.as_u128()).collect();
        let found = self.view.ids(&bits)?;
        ids.iter().zip(found).map(|(id, value)| known(*id, value)).collect()
    }

    /// The transactions of these numbers, all of which must be some, in their order.
    pub(crate) fn found(&self, seqs: &[u64]) -> Read<Vec<Found>> {
        let rows = self.view.rows(seqs)?;
        let row = |(seq, bytes): (&u64, Option<Vec<u8>>)| {
            Ok((*seq, decode(*seq, bytes.as_deref().unwrap_or_default())?))
        };
        let found = self.of_rows(seqs.iter().zip(rows).map(row).collect::<Read<_>>()?)?;
        if found.len() == seqs.len() {
            return Ok(found);
        }
        contradiction("what should be a transaction is none")
    }

    /// The transactions among these rows.
    fn of_rows(&self, mut rows: Vec<(u64, Row)>) -> Read<Vec<Found>> {
        rows.retain(|(_, row)| row.kind != Kind::NoTransaction);
        let seqs: Vec<u64> = rows.iter().map(|(seq, _)| *seq).collect();
        let marks = self.view.marks(&seqs)?;
        let dates = self.copy(|model| {
            let date = |seq: &u64| model.ledger.memory().date_of(*seq);
            seqs.iter().map(date).collect::<Vec<_>>()
        });
        let mut all = Vec::with_capacity(rows.len());
        for (((seq, row), mark), date) in rows.into_iter().zip(marks).zip(dates) {
            let Some(mark) = mark else { return contradiction(format!("no mark of {seq}")) };
            let Command::Transact(transaction) = self.command(mark.place, row.number)? else {
                return contradiction(format!("what took effect as {seq} is no transaction"));
            };
            all.push(Found { seq, transaction, row, at: moment_of(mark.at), date });
        }
        Ok(all)
    }

    /// The orders of the holds that these end and that name none themselves.
    fn orders_of(&self, found: &[Found]) -> Read<HashMap<TransactionId, Option<OrderId>>> {
        let unnamed = found.iter().filter(|found| found.transaction.order.is_none());
        let mut holds: Vec<_> = unnamed.filter_map(|found| ended_by(&found.transaction)).collect();
        holds.sort_unstable();
        holds.dedup();
        let mut seqs = Vec::with_capacity(holds.len());
        for (hold, known) in holds.iter().zip(self.known(&holds)?) {
            let Some(known) = known else {
                return contradiction(format!("hold {hold} is not known"));
            };
            seqs.push(known.seq);
        }
        let orders = self.found(&seqs)?.into_iter();
        Ok(orders.map(|found| (found.transaction.id, found.transaction.order)).collect())
    }

    fn entries_of(&self, place: u32, mut items: Vec<Link>) -> Read<Vec<Entry>> {
        items.retain(|item| item.to <= self.seq);
        let mut seqs: Vec<u64> = items.iter().map(|item| item.to).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let found = self.found(&seqs)?;
        let orders = self.orders_of(&found)?;
        let mut sides = Vec::with_capacity(items.len());
        for item in items {
            let Some(found) = seqs.binary_search(&item.to).ok().and_then(|at| found.get(at)) else {
                return contradiction(format!("entry {} is of no transaction", item.at));
            };
            let (moved, side) = side_of(place, item, &found.row)?;
            sides.push((item.at, found, moved, side));
        }
        let entry = |model: &Model, (seq, found, moved, side): (u64, &Found, RowMove, Side)| {
            let [debited, credited] = moved.balances;
            let (other, balance_after) = match side {
                Side::Debit => (moved.places[1], debited),
                Side::Credit => (moved.places[0], credited),
            };
            let of_hold = || orders.get(&ended_by(&found.transaction)?).copied().flatten();
            Ok(Entry {
                seq,
                transaction: found.transaction.id,
                at: found.at,
                date: found.date,
                event: found.transaction.event,
                order: found.transaction.order.or_else(of_hold),
                side,
                amount: moved.amount,
                counterpart: account_at(model, u64::from(other))?.id,
                balance_after,
            })
        };
        self.copy(|model| sides.into_iter().map(|side| entry(model, side)).collect())
    }

    /// The entries of an account behind `after`, oldest first.
    pub(crate) fn entries(
        &self,
        account: AccountId,
        after: Option<u64>,
        limit: usize,
    ) -> Read<Vec<Entry>> {
        let Some(place) = self.place(account) else { return Ok(Vec::new()) };
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let items = self.view.above(lists::ENTRIES, u128::from(place), after, limit)?;
        self.entries_of(place, items)
    }

    /// The newest entries of an account before `before`, newest first.
    pub(crate) fn latest_entries(
        &self,
        account: AccountId,
        before: Option<u64>,
        limit: usize,
    ) -> Read<Vec<Entry>> {
        let Some(place) = self.place(account) else { return Ok(Vec::new()) };
        let now = Bound::Included(self.entries);
        let before = before.filter(|before| *before <= self.entries).map_or(now, Bound::Excluded);
        let items = self.view.below(lists::ENTRIES, u128::from(place), before, limit)?;
        self.entries_of(place, items)
    }

    /// The balance of an account after the last entry at or before a moment; zero before any.
    pub(crate) fn balance_at(&self, account: AccountId, at: Timestamp) -> Read<i128> {
        let Some(place) = self.place(account) else { return Ok(0) };
        let now = Bound::Included(self.entries);
        let before = match self.view.mark_after(moment_bits(at))? {
            None => now,
            Some(later) => self.first_entry_from(later.seq)?.unwrap_or(now),
        };
        let last = self.view.below(lists::ENTRIES, u128::from(place), before, 1)?;
        let Some(item) = last.first().copied() else { return Ok(0) };
        let row = self.view.row(item.to)?;
        let row = decode(item.to, row.as_deref().unwrap_or_default())?;
        let (moved, side) = side_of(place, item, &row)?;
        let [debited, credited] = moved.balances;
        Ok(if side == Side::Debit { debited } else { credited })
    }

    /// Below which number the entries of everything before `seq` are; `None` if nothing with
    /// entries came since.
    fn first_entry_from(&self, seq: u64) -> Read<Option<Bound<u64>>> {
        let mut after = seq.saturating_sub(1);
        loop {
            let rows = self.view.rows_above(after, PAGE)?;
            let Some((last, _)) = rows.last() else { return Ok(None) };
            after = *last;
            for (seq, bytes) in &rows {
                let row = decode(*seq, bytes)?;
                if row.kind != Kind::NoTransaction {
                    return Ok(Some(Bound::Included(row.entries_before)));
                }
            }
        }
    }

    pub(crate) fn transaction(&self, id: TransactionId) -> Read<Option<TransactionView>> {
        let known = self.known(&[id])?.pop().flatten();
        let Some(known) = known.filter(|known| known.seq <= self.seq) else { return Ok(None) };
        let row = self.view.row(known.seq)?;
        let row = decode(known.seq, row.as_deref().unwrap_or_default())?;
        match self.views(self.of_rows(vec![(known.seq, row)])?)?.pop() {
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
            let rows = rows.iter().filter(|(seq, _)| *seq <= self.seq);
            let rows = rows.map(|(seq, bytes)| Ok((*seq, decode(*seq, bytes)?)));
            views.extend(self.views(self.of_rows(rows.collect::<Read<_>>()?)?)?);
            if after >= self.seq {
                break;
            }
        }
        Ok(views)
    }

    pub(crate) fn transactions_of(&self, order: OrderId) -> Read<Vec<TransactionView>> {
        let items =
            self.view.above(lists::ORDERS, order.as_u128(), Bound::Unbounded, usize::MAX)?;
        let seqs = items.into_iter().map(|item| item.to).filter(|seq| *seq <= self.seq);
        self.views(self.found(&seqs.collect::<Vec<_>>())?)
    }

    /// Where transactions stood when the look began.
    fn views(&self, found: Vec<Found>) -> Read<Vec<TransactionView>> {
        let ids: Vec<TransactionId> = found.iter().map(|found| found.transaction.id).collect();
        let known = self.known(&ids)?;
        let mut stand = Vec::with_capacity(found.len());
        for (found, known) in found.iter().zip(known) {
            let Some(known) = known.filter(|known| known.seq == found.seq) else {
                let id = found.transaction.id;
                return contradiction(format!("transaction {id} is known otherwise"));
            };
            stand.push(known);
        }
        let (mut corrections, now) = self.copy(|model| {
            let of = |id: &TransactionId| model.ledger.corrections(*id).to_vec();
            (ids.iter().map(of).collect::<Vec<_>>(), model.ledger.seq())
        });
        if now != self.seq {
            self.take_back(&mut stand, &mut corrections)?;
        }
        let view = |model: &Model, (found, (known, corrected_by)): (Found, (Known, _))| {
            let Found { seq, transaction, row, at, date } = found;
            let moves = row.moves.iter().map(|row| moved(model, row)).collect::<Read<_>>()?;
            let state = known.state;
            Ok(TransactionView { transaction, moves, seq, at, date, state, corrected_by })
        };
        let all = found.into_iter().zip(stand.into_iter().zip(corrections));
        self.copy(|model| all.map(|one| view(model, one)).collect())
    }

    /// Takes back what happened to transactions since the look began.
    fn take_back(&self, stand: &mut [Known], corrections: &mut [Vec<CorrectedBy>]) -> Read<()> {
        for known in stand.iter_mut().filter(|known| known.is_ended_hold()) {
            let end = self.end_of(known.seq)?;
            if end.at > self.seq {
                known.state = TransactionState::Pending;
            }
        }
        for corrections in corrections.iter_mut().filter(|c| !c.is_empty()) {
            let by: Vec<TransactionId> = corrections.iter().map(|c| c.by).collect();
            let mut known = self.known(&by)?.into_iter();
            corrections.retain(|_| known.next().flatten().is_some_and(|k| k.seq <= self.seq));
        }
        Ok(())
    }

    /// When a hold ended: the number and, as the link, the moment.
    fn end_of(&self, hold: u64) -> Read<Link> {
        let end = self.view.newest(lists::ENDS, &[u128::from(hold)])?.pop().flatten();
        end.map_or_else(|| contradiction(format!("hold {hold} has no end")), Ok)
    }
}

/// The hold that a transaction ends.
pub(crate) const fn ended_by(transaction: &Transaction) -> Option<TransactionId> {
    match transaction.action {
        Action::PostHold { hold } | Action::VoidHold { hold } => Some(hold),
        Action::Post | Action::Hold { .. } => None,
    }
}

fn account_at(model: &Model, place: u64) -> Read<&Account> {
    let account = usize::try_from(place).ok().and_then(|p| model.ledger.accounts().get(p));
    account.map_or_else(|| contradiction(format!("no account at place {place}")), Ok)
}

fn moved(model: &Model, row: &RowMove) -> Read<Move> {
    let [debit, credit] = row.places;
    let [debit_balance, credit_balance] = row.balances;
    Ok(Move {
        debit: account_at(model, u64::from(debit))?.id,
        credit: account_at(model, u64::from(credit))?.id,
        amount: row.amount,
        debit_balance,
        credit_balance,
        places: row.places,
    })
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
