//! Money in transit, by source and value date: taken, passed on, held, given back, settled. The
//! rules stand in [`crate::lots`].

use super::Ledger;
use super::accounts::{Accounts, Found, Into, Place};
use crate::command::UpTo;
use crate::lots::{FundStates, LotRole};
use crate::past::Past;
use crate::refusal::Refusal;
use money::Amount;
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate, TransactionId};

/// An amount that entered on a date through a source. In the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lot {
    pub(super) date: BusinessDate,
    pub(super) source: Place,
    pub(super) amount: u64,
}

/// The lots of one account; both lists in order, one lot a date and source.
#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    pub(super) free: Vec<Lot>,
    pub(super) held: Vec<Lot>,
}

/// A lot that a posting of a hold has set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeldLot {
    pub(super) posting: usize,
    pub(super) debit: Place,
    pub(super) lot: Lot,
}

/// Free or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Free,
    Held,
}

/// One change, to be taken back if the transaction is refused after all.
#[derive(Debug, Clone, Copy)]
struct Change {
    place: Place,
    state: State,
    lot: Lot,
    added: bool,
}

/// All lots. An account without any is not in here, and its `has_lots` says so.
#[derive(Debug, Clone, Default)]
pub(super) struct Lots {
    books: BTreeMap<Place, Book>,
    holds: BTreeMap<TransactionId, Vec<HeldLot>>,
    /// Up to which value date each source has settled.
    through: BTreeMap<Place, BusinessDate>,
    log: Vec<Change>,
}

fn total(lots: &[Lot]) -> u64 {
    lots.iter().fold(0, |sum, lot| sum.saturating_add(lot.amount))
}

fn key(lot: &Lot) -> (BusinessDate, Place) {
    (lot.date, lot.source)
}

fn add(lots: &mut Vec<Lot>, lot: Lot) {
    match lots.binary_search_by_key(&key(&lot), key) {
        Ok(at) => {
            if let Some(found) = lots.get_mut(at) {
                found.amount = found.amount.saturating_add(lot.amount);
            }
        }
        Err(at) => lots.insert(at, lot),
    }
}

fn cut(lots: &mut Vec<Lot>, lot: Lot) {
    if let Ok(at) = lots.binary_search_by_key(&key(&lot), key)
        && let Some(found) = lots.get_mut(at)
    {
        found.amount = found.amount.saturating_sub(lot.amount);
        if found.amount == 0 {
            lots.remove(at);
        }
    }
}

/// What `amount` takes of lots behind `settled` free money: see [`crate::lots`] for the order.
fn choose(lots: &[Lot], settled: i128, amount: u64, back_to: Option<Place>) -> Vec<Lot> {
    let settled = u64::try_from(settled.max(0)).unwrap_or(u64::MAX);
    let mut rest = amount.saturating_sub(settled);
    let own = |lot: &&Lot| Some(lot.source) == back_to;
    let first = lots.iter().rev().filter(own);
    let others = lots.iter().filter(|lot| !own(lot));
    let mut chosen = Vec::new();
    for lot in first.chain(others) {
        let taken = lot.amount.min(rest);
        if taken == 0 {
            break;
        }
        rest = rest.saturating_sub(taken);
        chosen.push(Lot { amount: taken, ..*lot });
    }
    chosen
}

impl Lots {
    /// Forgets how to take back what the last transaction did.
    pub(super) fn begin(&mut self) {
        self.log.clear();
    }

    fn is_settled(&self, lot: &Lot) -> bool {
        self.through.get(&lot.source).is_some_and(|through| lot.date <= *through)
    }

    /// What is on its way among these.
    pub(super) fn live(&self, lots: &[Lot]) -> Vec<Lot> {
        lots.iter().filter(|lot| !self.is_settled(lot)).copied().collect()
    }

    /// Sweeps away what has settled on an account.
    fn sweep(&mut self, accounts: &mut Accounts, place: Place) {
        let through = &self.through;
        let live = |lot: &Lot| through.get(&lot.source).is_none_or(|through| lot.date > *through);
        if let Some(book) = self.books.get_mut(&place) {
            book.free.retain(live);
            book.held.retain(live);
        }
        self.mark(accounts, place);
    }

    /// Keeps the account's `has_lots` true to whether it is in here.
    fn mark(&mut self, accounts: &mut Accounts, place: Place) {
        let some = self.books.get(&place).is_some_and(|b| !b.free.is_empty() || !b.held.is_empty());
        if !some {
            self.books.remove(&place);
        }
        accounts.set_has_lots(place, some);
    }

    fn change(&mut self, accounts: &mut Accounts, change: Change) {
        let book = self.books.entry(change.place).or_default();
        let list = match change.state {
            State::Free => &mut book.free,
            State::Held => &mut book.held,
        };
        if change.added {
            add(list, change.lot);
        } else {
            cut(list, change.lot);
        }
        self.mark(accounts, change.place);
    }

    fn put(&mut self, accounts: &mut Accounts, place: Place, state: State, lot: Lot) {
        let change = Change { place, state, lot, added: true };
        self.change(accounts, change);
        self.log.push(change);
    }

    fn take(&mut self, accounts: &mut Accounts, place: Place, state: State, lot: Lot) {
        let change = Change { place, state, lot, added: false };
        self.change(accounts, change);
        self.log.push(change);
    }

    /// Takes back all that was done since [`Lots::begin`] for a transaction.
    pub(super) fn undo(&mut self, accounts: &mut Accounts, id: TransactionId) {
        while let Some(change) = self.log.pop() {
            self.change(accounts, Change { added: !change.added, ..change });
        }
        self.holds.remove(&id);
    }

    /// Free settled money of an account of which `debitable` could be debited.
    pub(super) fn settled_free(&self, place: Place, debitable: i128) -> i128 {
        let free = self.books.get(&place).map_or(0, |book| total(&self.live(&book.free)));
        debitable.saturating_sub(i128::from(free))
    }

    /// Lets lots follow a posting that has just been applied to the sums.
    pub(super) fn follow(
        &mut self,
        accounts: &mut Accounts,
        posting: &Found,
        amount: u64,
        moved: Moved,
    ) {
        let Found { debit, credit, .. } = *posting;
        let (from, to) = (accounts.at(debit), accounts.at(credit));
        let (from_role, to_role) = (from.lot_role, to.lot_role);
        if from_role == Some(LotRole::Source) {
            if to_role == Some(LotRole::Follow) && moved.into == Into::Posted {
                let lot = Lot { date: moved.date, source: debit, amount };
                self.put(accounts, credit, State::Free, lot);
            }
            return;
        }
        if !from.has_lots {
            return;
        }
        let before = from.debitable().saturating_add(i128::from(amount));
        self.sweep(accounts, debit);
        let settled = self.settled_free(debit, before);
        let back_to = (to_role == Some(LotRole::Source)).then_some(credit);
        let free = self.books.get(&debit).map_or(&[][..], |book| &book.free);
        for lot in choose(free, settled, amount, back_to) {
            self.take(accounts, debit, State::Free, lot);
            match moved.into {
                Into::Posted if to_role == Some(LotRole::Follow) => {
                    self.put(accounts, credit, State::Free, lot);
                }
                Into::Posted => {}
                Into::Pending => {
                    self.put(accounts, debit, State::Held, lot);
                    let held = HeldLot { posting: moved.number, debit, lot };
                    self.holds.entry(moved.id).or_default().push(held);
                }
            }
        }
    }

    /// What a posting of a hold has set aside that is still on its way.
    fn held_by(&self, hold: TransactionId, posting: usize) -> Vec<Lot> {
        let held = self.holds.get(&hold).map_or(&[][..], Vec::as_slice);
        let lots: Vec<Lot> = held.iter().filter(|h| h.posting == posting).map(|h| h.lot).collect();
        self.live(&lots)
    }

    /// How much settled money a posting of a hold has set aside, of `held` in all.
    pub(super) fn settled_held(&self, hold: TransactionId, posting: usize, held: u64) -> u64 {
        held.saturating_sub(total(&self.held_by(hold, posting)))
    }

    /// Lets the lots of a hold follow its postings, of each `(what, amount held)` as much as is
    /// posted; the rest goes back to where it came from.
    pub(super) fn settle_hold(
        &mut self,
        accounts: &mut Accounts,
        hold: TransactionId,
        postings: &[Found],
        date: BusinessDate,
    ) {
        for (number, posting) in postings.iter().enumerate() {
            let amount = posting.amount.minor();
            let (from, to) = (accounts.at(posting.debit), accounts.at(posting.credit));
            let follows = to.lot_role == Some(LotRole::Follow);
            if from.lot_role == Some(LotRole::Source) && follows && amount > 0 {
                let lot = Lot { date, source: posting.debit, amount };
                self.put(accounts, posting.credit, State::Free, lot);
            }
            if !self.holds.contains_key(&hold) {
                continue;
            }
            let held = self.held_by(hold, number);
            let settled = i128::from(self.settled_held(hold, number, posting.held.minor()));
            // They stand in the order in which they were taken.
            let gone = choose(&held, settled, amount, None);
            for lot in &held {
                let taken = gone.iter().find(|g| key(g) == key(lot)).map_or(0, |g| g.amount);
                self.take(accounts, posting.debit, State::Held, *lot);
                let back = lot.amount.saturating_sub(taken);
                for (place, amount, stays) in
                    [(posting.credit, taken, follows), (posting.debit, back, true)]
                {
                    if amount > 0 && stays {
                        self.put(accounts, place, State::Free, Lot { amount, ..*lot });
                    }
                }
            }
        }
        self.holds.remove(&hold);
    }

    /// Puts back a lot that was written down.
    pub(super) fn restore(&mut self, place: Place, state: State, lot: Lot) {
        let book = self.books.entry(place).or_default();
        match state {
            State::Free => add(&mut book.free, lot),
            State::Held => add(&mut book.held, lot),
        }
    }

    /// Puts back what a hold had set aside.
    pub(super) fn restore_hold(&mut self, hold: TransactionId, held: HeldLot) {
        self.holds.entry(hold).or_default().push(held);
    }

    /// Gives back what a hold had set aside.
    pub(super) fn release_hold(&mut self, accounts: &mut Accounts, hold: TransactionId) {
        for HeldLot { debit, lot, .. } in self.holds.remove(&hold).unwrap_or_default() {
            self.sweep(accounts, debit);
            if !self.is_settled(&lot) {
                self.take(accounts, debit, State::Held, lot);
                self.put(accounts, debit, State::Free, lot);
            }
        }
    }

    /// Everything that entered through a source up to a date has arrived.
    pub(super) fn settle(&mut self, source: Place, through: BusinessDate) {
        let mark = self.through.entry(source).or_insert(through);
        *mark = (*mark).max(through);
    }

    /// Up to which value date a source has settled.
    pub(super) fn through(&self, source: Place) -> Option<BusinessDate> {
        self.through.get(&source).copied()
    }

    /// The marks of all sources that ever settled.
    pub(super) fn marks(&self) -> impl Iterator<Item = (Place, BusinessDate)> {
        self.through.iter().map(|(source, date)| (*source, *date))
    }

    /// The accounts with lots.
    pub(super) fn books(&self) -> impl Iterator<Item = (Place, &Book)> {
        self.books.iter().map(|(place, book)| (*place, book))
    }

    /// The holds with lots.
    pub(super) fn holds(&self) -> impl Iterator<Item = (TransactionId, &[HeldLot])> {
        self.holds.iter().map(|(id, held)| (*id, held.as_slice()))
    }

    /// An account's balance by fund state.
    pub(super) fn states(&self, accounts: &Accounts, place: Place) -> FundStates {
        let account = accounts.at(place);
        let book = self.books.get(&place).cloned().unwrap_or_default();
        let (free, held) = (self.live(&book.free), self.live(&book.held));
        let mut lots: BTreeMap<(BusinessDate, Place), [u64; 2]> = BTreeMap::new();
        for (list, which) in [(&free, 0), (&held, 1)] {
            for lot in list {
                if let Some(sum) = lots.entry(key(lot)).or_default().get_mut(which) {
                    *sum = lot.amount;
                }
            }
        }
        let seen = |((date, source), [free, held]): (_, [u64; 2])| crate::lots::Lot {
            source: accounts.at(source).id,
            date,
            free,
            held,
        };
        FundStates {
            settled_free: account.available().saturating_sub(i128::from(total(&free))),
            settled_held: account.held().saturating_sub(total(&held)),
            transit_free: total(&free),
            transit_held: total(&held),
            lots: lots.into_iter().map(seen).collect(),
        }
    }
}

/// What a posting belongs to and where its sums went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    pub(super) id: TransactionId,
    pub(super) number: usize,
    pub(super) into: Into,
    pub(super) date: BusinessDate,
}

/// Settled money only.
impl<P: Past> Ledger<P> {
    /// How much settled money could be taken of an account of which `debitable` could be debited;
    /// `None` where all money is settled.
    fn settled_of(&self, debit: Place, debitable: i128) -> Option<Amount> {
        match self.accounts.at(debit).lot_role {
            None => None,
            // What is claimed from a source has not arrived.
            Some(LotRole::Source) => Some(Amount::ZERO),
            Some(LotRole::Follow) => Some(within(self.lots.settled_free(debit, debitable))),
        }
    }

    /// A posting of settled money only: a balancing amount gives way to what is settled.
    pub(super) fn settled_part(&self, posting: &Found) -> Found {
        let debitable = self.accounts.at(posting.debit).debitable();
        let mut part = *posting;
        if posting.up_to != UpTo::Exact
            && let Some(settled) = self.settled_of(posting.debit, debitable)
        {
            part.amount = settled.min(posting.amount);
        }
        part
    }

    /// Whether settled money covered a posting that has just been applied to the sums.
    pub(super) fn check_settled(
        &self,
        number: usize,
        posting: &Found,
        amount: Amount,
    ) -> Result<(), Refusal> {
        let debit = self.accounts.at(posting.debit);
        let before = debit.debitable().saturating_add(i128::from(amount.minor()));
        match self.settled_of(posting.debit, before) {
            Some(settled) => covers(number, debit.id, amount, settled),
            None => Ok(()),
        }
    }

    /// Whether what a hold set aside has settled, as far as its postings ask for that.
    pub(super) fn check_held_settled(
        &self,
        hold: TransactionId,
        postings: &[Found],
    ) -> Result<(), Refusal> {
        for (number, posting) in postings.iter().enumerate().filter(|(_, p)| p.settled_only) {
            let debit = self.accounts.at(posting.debit);
            let settled = match debit.lot_role {
                None => continue,
                Some(LotRole::Source) => 0,
                Some(LotRole::Follow) => self.lots.settled_held(hold, number, posting.held.minor()),
            };
            covers(number, debit.id, posting.amount, within(i128::from(settled)))?;
        }
        Ok(())
    }
}

fn within(settled: i128) -> Amount {
    let settled = u64::try_from(settled.max(0)).unwrap_or(u64::MAX);
    Amount::new(settled).unwrap_or(Amount::MAX)
}

fn covers(
    posting: usize,
    account: AccountId,
    wanted: Amount,
    settled: Amount,
) -> Result<(), Refusal> {
    if wanted > settled {
        return Err(Refusal::NotSettled { posting, account, wanted, settled });
    }
    Ok(())
}
