//! The book and the model side by side.

use super::{Model, Said, model};
use crate::book::Book;
use ledger::{Account, Command, Outcome};
use std::collections::BTreeSet;

fn said(outcome: Outcome) -> Said {
    match outcome {
        Outcome::Done(_) => Said::Done,
        Outcome::Exists(_) => Said::Exists,
        Outcome::Refused(refusal) => Said::Refused(refusal.code()),
    }
}

fn same(model: &Model, account: &Account) -> bool {
    let (_, sums) = model.accounts.get(&account.id).expect("known");
    let both = |pending: u64, posted: u64| [i128::from(pending), i128::from(posted)];
    sums.debits == both(account.debits_pending, account.debits_posted)
        && sums.credits == both(account.credits_pending, account.credits_posted)
        && sums.controls == account.controls
        && sums.balance() == account.balance()
}

/// What the book says of an account's lots and what the model does.
fn same_lots(book: &Book, model: &Model, account: &Account) -> bool {
    let (_, sums) = &model.accounts[&account.id];
    let states = book.ledger.fund_states(account.id).expect("open");
    let free: Vec<_> = states.lots.iter().filter(|lot| lot.free > 0).collect();
    let modelled = sums.lots.iter().map(|((date, _, source), minor)| (*source, *date, *minor));
    free.iter().map(|lot| (lot.source, lot.date, i128::from(lot.free))).eq(modelled)
        && states.settled_held + states.transit_held == account.held()
        && states.settled_free + i128::from(states.transit_free) == account.available()
}

/// A book and a model that play the same history.
pub(super) struct Play {
    pub(super) book: Book,
    pub(super) model: Model,
    /// The codes that were met.
    pub(super) codes: BTreeSet<&'static str>,
    /// The state that is being taken, as it was when that was begun.
    taking: Option<Vec<u8>>,
}

impl Play {
    pub(super) fn new() -> Self {
        Self { book: Book::new(), model: model(), codes: BTreeSet::new(), taking: None }
    }

    /// Applies a batch to both; what differs, if anything does.
    pub(super) fn batch(&mut self, batch: &[Command]) -> Result<(), String> {
        self.take_state();
        let outcomes = self.book.batch(batch);
        self.model.expire(self.book.at);
        for (command, outcome) in batch.iter().zip(outcomes) {
            let expected = self.model.say(self.book.at, command);
            if said(outcome) != expected {
                return Err(format!("{command:#?}\n{outcome:?}, the model says {expected:?}"));
            }
            if let Said::Refused(code) = expected {
                self.codes.insert(code);
            }
        }
        let (book, model) = (&self.book, &self.model);
        if book.ledger.accounts().len() != model.accounts.len()
            || book.ledger.open_date() != model.open
        {
            return Err("other accounts or another date".to_owned());
        }
        for account in book.ledger.accounts() {
            if !same(model, account) || !same_lots(book, model, account) {
                let states = book.ledger.fund_states(account.id);
                let (_, sums) = &model.accounts[&account.id];
                return Err(format!("{account:#?}\n{states:#?}\nthe model says {sums:#?}"));
            }
        }
        Ok(())
    }

    /// Takes the state little by little while the history goes on: it must come out as it was.
    fn take_state(&mut self) {
        let ledger = &mut self.book.ledger;
        match self.taking.take() {
            None => {
                self.taking = Some(ledger.freeze().encode());
                ledger.begin_freeze();
            }
            Some(begun) => match ledger.freeze_more(3) {
                Some(frozen) => assert!(frozen.encode() == begun, "another state was taken"),
                None => self.taking = Some(begun),
            },
        }
    }

    /// Compares the general ledger, and proves the book.
    pub(super) fn end(&self) -> Result<(), String> {
        let ledger = &self.book.ledger;
        let proofs = ledger.prove();
        if !proofs.hold() {
            return Err(format!("{:#?}", proofs.findings));
        }
        for (of, by) in &self.model.reversed {
            if !ledger.corrections(*of).iter().any(|c| c.by == *by) {
                return Err(format!("{of} is not known to be reversed by {by}"));
            }
        }
        let balance = ledger.trial_balance(ledger.open_date());
        for row in balance.rows.iter().filter(|r| r.leaf) {
            let key = (row.code.0, row.asset.0);
            let net = self.model.leaves.get(&key).copied().unwrap_or_default();
            let debit = u128::try_from(net.max(0)).expect("positive");
            let credit = u128::try_from((-net).max(0)).expect("positive");
            if (row.closing_debit, row.closing_credit) != (debit, credit) {
                return Err(format!("{row:?}: the model says {net}"));
            }
        }
        Ok(())
    }
}

/// Plays a whole history; what differs, if anything does.
pub(super) fn play(batches: &[Vec<Command>]) -> Result<Play, String> {
    let mut play = Play::new();
    for batch in batches {
        play.batch(batch)?;
    }
    play.end()?;
    Ok(play)
}

/// What was frozen comes back as the same book, and no other bytes come back as it.
pub(super) fn restores(ledger: ledger::Ledger) {
    let (chart, hash, seq) = (ledger.chart().clone(), ledger.state_hash(), ledger.seq());
    let states = |ledger: &ledger::Ledger| -> Vec<_> {
        ledger.accounts().iter().map(|a| ledger.fund_states(a.id)).collect()
    };
    let (bytes, before) = (ledger.freeze().encode(), states(&ledger));
    assert_eq!(ledger.freeze().state_hash(), hash);
    let restored = ledger::Ledger::restore(chart.clone(), ledger.into_memory(), &bytes);
    let restored = restored.expect("the same book");
    assert_eq!((restored.state_hash(), restored.seq()), (hash, seq));
    assert_eq!(states(&restored), before);
    assert_eq!(restored.freeze().encode(), bytes, "one state has one form");
    assert!(restored.prove().hold());
    let mut memory = restored.into_memory();
    for cut in [0, 7, 8, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(ledger::Ledger::restore(chart.clone(), memory, &bytes[..cut]).is_err(), "{cut}");
        memory = ledger::MemoryPast::default();
    }
}
