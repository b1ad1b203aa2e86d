//! A transaction: every check in the documented order, then all of it or nothing.

use super::accounts::{Found, Hint, Into};
use super::lots::Moved;
use super::window::Asked;
use super::{Effect, Ledger, Move, Observer};
use crate::command::{Action, Condition, MAX_CONDITIONS, MAX_POSTINGS, Transaction};
use crate::hold::{HeldPosting, Hold};
use crate::lots::LotRole;
use crate::outcome::{Outcome, TransactionState};
use crate::past::{Past, Resolution};
use crate::refusal::Refusal;
use money::Amount;
use types::{Timestamp, TransactionId};

/// Room that transactions use one after another, so that none of them allocates.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    found: Vec<Found>,
    /// Which of `found` each of `moves` came from.
    moved: Vec<usize>,
    moves: Vec<Move>,
}

impl<P: Past> Ledger<P> {
    pub(super) fn transact(
        &mut self,
        at: Timestamp,
        (transaction, asked): (&Transaction, Asked<'_>),
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Refusal> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let outcome = self.transact_in(at, (transaction, asked), observer, &mut scratch);
        self.scratch = scratch;
        outcome
    }

    fn transact_in(
        &mut self,
        at: Timestamp,
        (transaction, asked): (&Transaction, Asked<'_>),
        observer: &mut dyn Observer,
        scratch: &mut Scratch,
    ) -> Result<Outcome, Refusal> {
        if let Some(outcome) = self.known(transaction.id, asked)? {
            return Ok(outcome);
        }
        check_form(at, transaction)?;
        self.check_date(transaction.date)?;
        self.check_correction(transaction)?;
        scratch.found.clear();
        scratch.moved.clear();
        scratch.moves.clear();
        self.lots.begin();
        let state = match transaction.action {
            Action::Post => self.post(transaction, asked.hints, scratch)?,
            Action::Hold { expires_at } => {
                self.hold_up(at, (transaction, asked.hints), expires_at, scratch)?
            }
            Action::PostHold { hold } => self.post_hold(transaction, hold, scratch)?,
            Action::VoidHold { hold } => self.void_hold(transaction, hold, scratch)?,
        };
        let receipt = self.receipt(at, state);
        self.remember(transaction.id, asked, receipt);
        if let Some(correction) = transaction.corrects {
            self.corrections.note(correction, transaction.id);
        }
        let (number, moves) = (asked.number, scratch.moves.as_slice());
        observer.effect(Effect::Transacted { receipt, number, transaction, moves });
        Ok(Outcome::Done(receipt))
    }

    fn check_conditions(&self, conditions: &[Condition]) -> Result<(), Refusal> {
        for Condition { account, at_least } in conditions {
            let (account, at_least) = (*account, *at_least);
            let found = self.accounts.get(account).ok_or(Refusal::AccountNotFound { account })?;
            let balance = found.balance();
            if balance < i128::from(at_least.minor()) {
                return Err(Refusal::ConditionFailed { account, at_least, balance });
            }
        }
        Ok(())
    }

    /// Checks the postings and conditions of a transaction that ends no hold.
    fn find(
        &self,
        transaction: &Transaction,
        hints: &[Hint],
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        for (number, posting) in transaction.postings.iter().enumerate() {
            if posting.amount.is_zero() {
                return Err(Refusal::AmountZero { posting: number });
            }
            if posting.debit == posting.credit {
                return Err(Refusal::AccountsEqual { posting: number });
            }
            let hint = hints.get(number).copied().unwrap_or_default();
            scratch.found.push(self.accounts.check(number, posting, hint)?);
        }
        self.check_conditions(&transaction.conditions)
    }

    /// Moves what was found, posting after posting; at the first refusal takes all of it back.
    fn move_all(
        &mut self,
        id: TransactionId,
        scratch: &mut Scratch,
        into: Into,
    ) -> Result<(), Refusal> {
        let date = self.general.open_date();
        for (number, posting) in scratch.found.iter().enumerate() {
            let place = Moved { id, number: scratch.moves.len(), into, date };
            match self.move_one(number, posting, place) {
                Ok(None) => {}
                Ok(Some(done)) => {
                    scratch.moved.push(number);
                    scratch.moves.push(done);
                }
                Err(refusal) => {
                    self.lots.undo(&mut self.accounts, id);
                    for (number, done) in scratch.moved.iter().zip(&scratch.moves).rev() {
                        if let Some(posting) = scratch.found.get(*number) {
                            self.accounts.undo(posting, done.amount, into);
                        }
                    }
                    return Err(refusal);
                }
            }
        }
        Ok(())
    }

    /// Moves one posting and the lots in it, or refuses it and changes nothing.
    fn move_one(
        &mut self,
        number: usize,
        posting: &Found,
        place: Moved,
    ) -> Result<Option<Move>, Refusal> {
        let done = if posting.settled_only {
            let posting = self.settled_part(posting);
            let done = self.accounts.apply(&posting, place.into)?;
            if let Some(done) = done
                && let Err(refusal) = self.check_settled(number, &posting, done.amount)
            {
                self.accounts.undo(&posting, done.amount, place.into);
                return Err(refusal);
            }
            done
        } else {
            self.accounts.apply(posting, place.into)?
        };
        if let Some(done) = done {
            let (from, to) = (self.accounts.at(posting.debit), self.accounts.at(posting.credit));
            if from.has_lots || (from.lot_role == Some(LotRole::Source) && to.lot_role.is_some()) {
                self.lots.follow(&mut self.accounts, posting, done.amount.minor(), place);
            }
        }
        Ok(done)
    }

    /// Tells the general ledger what moved.
    fn book(&mut self, scratch: &Scratch) {
        for (number, done) in scratch.moved.iter().zip(&scratch.moves) {
            if let Some(posting) = scratch.found.get(*number) {
                let debit = self.accounts.at(posting.debit).cell;
                let credit = self.accounts.at(posting.credit).cell;
                self.general.post(debit, credit, done.amount.minor());
            }
        }
    }

    fn post(
        &mut self,
        transaction: &Transaction,
        hints: &[Hint],
        scratch: &mut Scratch,
    ) -> Result<TransactionState, Refusal> {
        self.find(transaction, hints, scratch)?;
        self.move_all(transaction.id, scratch, Into::Posted)?;
        self.book(scratch);
        Ok(TransactionState::Posted)
    }

    fn hold_up(
        &mut self,
        at: Timestamp,
        (transaction, hints): (&Transaction, &[Hint]),
        expires_at: Option<Timestamp>,
        scratch: &mut Scratch,
    ) -> Result<TransactionState, Refusal> {
        self.find(transaction, hints, scratch)?;
        self.move_all(transaction.id, scratch, Into::Pending)?;
        let held = |done: &Move| HeldPosting {
            debit: done.debit,
            credit: done.credit,
            amount: done.amount,
        };
        let hold = Hold {
            id: transaction.id,
            event: transaction.event,
            order: transaction.order,
            at,
            expires_at,
            postings: scratch.moves.iter().map(held).collect(),
        };
        self.expiries.extend(expires_at.map(|expires_at| (expires_at, hold.id)));
        self.holds.insert(hold.id, hold);
        Ok(TransactionState::Pending)
    }

    /// The hold of this id if it waits; why not otherwise.
    fn waiting(&self, hold: TransactionId) -> Result<&Hold, Refusal> {
        if let Some(found) = self.holds.get(&hold) {
            return Ok(found);
        }
        let past = self.past.get(hold).ok_or(Refusal::PendingNotFound { hold })?;
        Err(match past.resolution {
            None => Refusal::PendingNotAHold { hold },
            Some(Resolution::Posted) => Refusal::PendingAlreadyPosted { hold },
            Some(Resolution::Voided) => Refusal::PendingAlreadyVoided { hold },
            Some(Resolution::Expired) => Refusal::PendingExpired { hold },
        })
    }

    fn post_hold(
        &mut self,
        transaction: &Transaction,
        hold: TransactionId,
        scratch: &mut Scratch,
    ) -> Result<TransactionState, Refusal> {
        let held = &self.waiting(hold)?.postings;
        let wanted = pair(held, transaction)?;
        for (number, (held, Wanted { amount, settled_only })) in held.iter().zip(wanted).enumerate()
        {
            let posting = crate::Posting::exact(held.debit, held.credit, held.amount);
            // What is only released is not blocked by a freeze.
            let mut found = if amount.is_zero() {
                self.accounts.held(held)
            } else {
                self.accounts.check(number, &posting, Hint::default())?
            };
            found.amount = amount;
            found.held = held.amount;
            found.settled_only = settled_only;
            scratch.found.push(found);
        }
        self.check_conditions(&transaction.conditions)?;
        self.check_held_settled(hold, &scratch.found)?;
        self.end_hold(hold, Resolution::Posted);
        let date = self.general.open_date();
        self.lots.settle_hold(&mut self.accounts, hold, &scratch.found, date);
        for (number, posting) in scratch.found.iter().enumerate() {
            let done = self.accounts.settle(posting);
            if !done.amount.is_zero() {
                scratch.moved.push(number);
                scratch.moves.push(done);
            }
        }
        self.book(scratch);
        Ok(TransactionState::Posted)
    }

    fn void_hold(
        &mut self,
        transaction: &Transaction,
        hold: TransactionId,
        scratch: &mut Scratch,
    ) -> Result<TransactionState, Refusal> {
        self.waiting(hold)?;
        self.check_conditions(&transaction.conditions)?;
        let hold = self.end_hold(hold, Resolution::Voided);
        self.release(&hold);
        for held in &hold.postings {
            let found = self.accounts.held(held);
            scratch.moves.push(self.accounts.seen(&found, held.amount));
        }
        Ok(TransactionState::Applied)
    }

    /// Forgets a hold that waits, noting how it ended. Its sums are the caller's to release.
    pub(super) fn end_hold(&mut self, id: TransactionId, resolution: Resolution) -> Hold {
        let hold = self.holds.remove(&id).expect("the caller looked it up");
        if let Some(expires_at) = hold.expires_at {
            self.expiries.remove(&(expires_at, id));
        }
        self.past.resolve(id, resolution);
        hold
    }

    /// Gives back what a hold set aside.
    pub(super) fn release(&mut self, hold: &Hold) {
        for held in &hold.postings {
            let found = self.accounts.held(held);
            self.accounts.undo(&found, held.amount, Into::Pending);
        }
        self.lots.release_hold(&mut self.accounts, hold.id);
    }
}

fn check_form(at: Timestamp, transaction: &Transaction) -> Result<(), Refusal> {
    let count = transaction.postings.len();
    let wanted = matches!(transaction.action, Action::Post | Action::Hold { .. });
    if wanted && count == 0 {
        return Err(Refusal::NoPostings);
    }
    if count > MAX_POSTINGS {
        return Err(Refusal::TooManyPostings { count });
    }
    if matches!(transaction.action, Action::VoidHold { .. }) && count > 0 {
        return Err(Refusal::PostingsNotAllowed);
    }
    let count = transaction.conditions.len();
    if count > MAX_CONDITIONS {
        return Err(Refusal::TooManyConditions { count });
    }
    match transaction.action {
        Action::Hold { expires_at: Some(expires_at) } if expires_at <= at => {
            Err(Refusal::ExpiryInPast { expires_at })
        }
        _ => Ok(()),
    }
}

/// What to post of a held posting.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    amount: Amount,
    settled_only: bool,
}

/// How much to post of each held posting: all of it when nothing is named; otherwise what is
/// named, in the order of the hold, and nothing of what is passed over.
fn pair(held: &[HeldPosting], transaction: &Transaction) -> Result<Vec<Wanted>, Refusal> {
    if transaction.postings.is_empty() {
        let all = |h: &HeldPosting| Wanted { amount: h.amount, settled_only: false };
        return Ok(held.iter().map(all).collect());
    }
    let mut amounts = vec![Wanted { amount: Amount::ZERO, settled_only: false }; held.len()];
    let mut rest = held.iter().zip(amounts.iter_mut());
    for (number, posting) in transaction.postings.iter().enumerate() {
        if posting.amount.is_zero() {
            return Err(Refusal::AmountZero { posting: number });
        }
        if posting.debit == posting.credit {
            return Err(Refusal::AccountsEqual { posting: number });
        }
        let same = |h: &HeldPosting| h.debit == posting.debit && h.credit == posting.credit;
        let exact = posting.up_to == crate::UpTo::Exact;
        let (held, amount) = rest
            .find(|(held, _)| exact && same(held))
            .ok_or(Refusal::PendingMismatch { posting: number })?;
        if posting.amount > held.amount {
            return Err(Refusal::AmountExceedsPending { posting: number, held: held.amount });
        }
        *amount = Wanted { amount: posting.amount, settled_only: posting.settled_only };
    }
    Ok(amounts)
}
