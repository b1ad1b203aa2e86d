//! The accounts, and the only place where their sums change.

use crate::account::Account;
use crate::command::{Posting, UpTo};
use crate::engine::Move;
use crate::engine::copying::Copying;
use crate::hold::HeldPosting;
use crate::idmap::IdMap;
use crate::refusal::Refusal;
use money::Amount;
use types::AccountId;

/// The place of an account among all accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u32);

impl Place {
    /// The account opened after so many others.
    pub(super) const fn of(number: u32) -> Self {
        Self(number)
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }

    fn at(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A posting whose accounts were found and whose rules were checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) debit: Place,
    pub(super) credit: Place,
    /// What is asked for.
    pub(super) amount: Amount,
    pub(super) up_to: UpTo,
    pub(super) settled_only: bool,
    /// What a hold set aside for it; zero where there is none.
    pub(super) held: Amount,
}

/// Where the two accounts of a posting were found ahead of time; places never change.
pub(super) type Hint = [Option<Place>; 2];

/// All accounts: in a row, so that one costs its own bytes and an entry of the index.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    list: Vec<Account>,
    index: IdMap<AccountId, Place>,
    /// A copy that is being made; whoever changes an account tells it before.
    pub(super) copying: Option<Copying>,
}

/// Which sums a movement goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    Posted,
    Pending,
}

const WITHIN: &str = "what is taken back from a sum was put into it before";

fn take(sum: &mut u64, amount: u64) {
    *sum = sum.checked_sub(amount).expect(WITHIN);
}

fn put(sum: &mut u64, amount: u64) {
    *sum = sum.checked_add(amount).expect("the room was checked before");
}

/// Whether posted and pending together have room for the amount, so that posting what is pending
/// never overflows.
fn has_room(posted: u64, pending: u64, amount: u64) -> bool {
    posted.checked_add(pending).and_then(|sum| sum.checked_add(amount)).is_some()
}

impl Accounts {
    pub(super) fn list(&self) -> &[Account] {
        &self.list
    }

    pub(super) fn place(&self, id: AccountId) -> Option<Place> {
        self.index.get(&id).copied()
    }

    /// Looks the accounts of a posting up ahead of time.
    pub(super) fn hint(&self, posting: &Posting) -> Hint {
        [self.place(posting.debit), self.place(posting.credit)]
    }

    /// Reads a word of every account that was found: the waits for memory overlap here, where
    /// later each would stand behind the one before.
    pub(super) fn touch(&self, hints: &[Hint]) {
        let places = hints.iter().flatten().flatten();
        let words = places.filter_map(|place| self.list.get(place.at()));
        std::hint::black_box(words.fold(0, |sum, account| sum ^ account.credits_posted));
    }

    pub(super) fn get(&self, id: AccountId) -> Option<&Account> {
        self.index.get(&id).and_then(|place| self.list.get(place.at()))
    }

    pub(super) fn get_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        let place = self.place(id)?;
        Some(self.at_mut(place))
    }

    /// Copies some more accounts; all of them once they are.
    pub(super) fn copy_more(&mut self, most: usize) -> Option<Vec<Account>> {
        let whole = self.copying.as_mut()?.more(most, &self.list);
        self.copying.take_if(|_| whole).map(Copying::done)
    }

    pub(super) fn push(&mut self, account: Account) {
        let place = Place(u32::try_from(self.list.len()).expect("fewer than 2^32 accounts"));
        self.index.insert(account.id, place);
        self.list.push(account);
    }

    pub(super) fn at(&self, place: Place) -> &Account {
        self.list.get(place.at()).expect("places are given out for accounts that stay")
    }

    pub(super) fn set_has_lots(&mut self, place: Place, has_lots: bool) {
        self.at_mut(place).has_lots = has_lots;
    }

    fn at_mut(&mut self, place: Place) -> &mut Account {
        let account = self.list.get_mut(place.at());
        let account = account.expect("places are given out for accounts that stay");
        if let Some(copying) = &mut self.copying {
            copying.keep(place.at(), account);
        }
        account
    }

    /// How much of a posting can be moved: all of it or a refusal; what is available if it gives
    /// way.
    fn find(&self, posting: &Found) -> Result<Amount, Refusal> {
        let (debit, credit) = (self.at(posting.debit), self.at(posting.credit));
        let room = match posting.up_to {
            UpTo::Exact => None,
            UpTo::AvailableOfDebit => Some(debit.debitable()),
            UpTo::AvailableOfCredit => Some(credit.creditable()),
        };
        let amount = match room.map(u64::try_from) {
            None => posting.amount,
            Some(Err(_)) => Amount::ZERO, // overdrawn
            Some(Ok(room)) => Amount::new(room).unwrap_or(Amount::MAX).min(posting.amount),
        };
        let wanted = i128::from(amount.minor());
        for (account, available, bound) in [
            (debit, debit.debitable(), debit.flags.debits_must_not_exceed_credits),
            (credit, credit.creditable(), credit.flags.credits_must_not_exceed_debits),
        ] {
            if bound && wanted > available && wanted > 0 {
                let account = account.id;
                return Err(Refusal::InsufficientAvailable { account, wanted: amount, available });
            }
        }
        if !has_room(debit.debits_posted, debit.debits_pending, amount.minor()) {
            return Err(Refusal::Overflow { account: debit.id });
        }
        if !has_room(credit.credits_posted, credit.credits_pending, amount.minor()) {
            return Err(Refusal::Overflow { account: credit.id });
        }
        Ok(amount)
    }

    /// Moves one posting, or refuses it and changes nothing. `None` if it found nothing to move.
    pub(super) fn apply(&mut self, posting: &Found, into: Into) -> Result<Option<Move>, Refusal> {
        let amount = self.find(posting)?;
        if amount.is_zero() {
            return Ok(None);
        }
        let minor = amount.minor();
        let (debit, credit) = (posting.debit, posting.credit);
        match into {
            Into::Posted => {
                put(&mut self.at_mut(debit).debits_posted, minor);
                put(&mut self.at_mut(credit).credits_posted, minor);
            }
            Into::Pending => {
                put(&mut self.at_mut(debit).debits_pending, minor);
                put(&mut self.at_mut(credit).credits_pending, minor);
            }
        }
        Ok(Some(self.seen(posting, amount)))
    }

    /// Takes back what [`Accounts::apply`] did.
    pub(super) fn undo(&mut self, posting: &Found, amount: Amount, into: Into) {
        let minor = amount.minor();
        let (debit, credit) = (posting.debit, posting.credit);
        match into {
            Into::Posted => {
                take(&mut self.at_mut(debit).debits_posted, minor);
                take(&mut self.at_mut(credit).credits_posted, minor);
            }
            Into::Pending => {
                take(&mut self.at_mut(debit).debits_pending, minor);
                take(&mut self.at_mut(credit).credits_pending, minor);
            }
        }
    }

    /// Ends one posting of a hold: releases what was held, posts `posting.amount` of it. Needs no
    /// check: what was held was free when it was set aside, and only this may touch it since.
    pub(super) fn settle(&mut self, posting: &Found) -> Move {
        let (debit, credit) = (posting.debit, posting.credit);
        self.undo(posting, posting.held, Into::Pending);
        put(&mut self.at_mut(debit).debits_posted, posting.amount.minor());
        put(&mut self.at_mut(credit).credits_posted, posting.amount.minor());
        self.seen(posting, posting.amount)
    }

    /// What a posting of this amount looks like now.
    pub(super) fn seen(&self, posting: &Found, amount: Amount) -> Move {
        let (debit, credit) = (self.at(posting.debit), self.at(posting.credit));
        Move {
            debit: debit.id,
            credit: credit.id,
            amount,
            debit_balance: debit.balance(),
            credit_balance: credit.balance(),
            places: [posting.debit.0, posting.credit.0],
        }
    }

    /// The accounts of a held posting, which exist since it was held.
    pub(super) fn held(&self, held: &HeldPosting) -> Found {
        let place = |id| self.place(id).expect("accounts stay once they are opened");
        Found {
            debit: place(held.debit),
            credit: place(held.credit),
            amount: Amount::ZERO,
            up_to: UpTo::Exact,
            settled_only: false,
            held: held.amount,
        }
    }

    /// Checks what a posting may touch, in this order: the accounts exist, count one asset, lie
    /// in one fund, are open, and are not blocked on the side touched.
    pub(super) fn check(
        &self,
        number: usize,
        posting: &Posting,
        [debit, credit]: Hint,
    ) -> Result<Found, Refusal> {
        // An account that was opened since the hint was given has none.
        let find = |hint: Option<Place>, account| {
            let place = hint.or_else(|| self.place(account));
            place.ok_or(Refusal::AccountNotFound { account })
        };
        let debit_place = find(debit, posting.debit)?;
        let credit_place = find(credit, posting.credit)?;
        let (debit, credit) = (self.at(debit_place), self.at(credit_place));
        if debit.asset != credit.asset {
            return Err(Refusal::AssetMismatch { posting: number });
        }
        if debit.fund != credit.fund {
            return Err(Refusal::FundMismatch { posting: number });
        }
        for account in [debit, credit] {
            if account.controls.closed {
                return Err(Refusal::AccountClosed { account: account.id });
            }
        }
        if debit.controls.debits_blocked {
            return Err(Refusal::DebitsBlocked { account: debit.id });
        }
        if credit.controls.credits_blocked {
            return Err(Refusal::CreditsBlocked { account: credit.id });
        }
        Ok(Found {
            debit: debit_place,
            credit: credit_place,
            amount: posting.amount,
            up_to: posting.up_to,
            settled_only: posting.settled_only,
            held: Amount::ZERO,
        })
    }
}
