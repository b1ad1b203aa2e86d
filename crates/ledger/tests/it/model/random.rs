//! Long histories, seeded: each command is drawn with an eye on what has happened, so that holds
//! are ended, transactions corrected and days settled often enough to mean something.
//!
//! On a difference the seed is told, and the history cut down to the commands that matter.

use super::Fate;
use super::play::{Play, play, restores};
use crate::book::{BOTH_BOUNDS, QUOTA, account, amount, chart, id, on, post, reverse};
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, GlCode, MAX_CONDITIONS,
    MAX_POSTINGS, NewAccount, Owner, Posting, Refusal, Transaction, UpTo, house_account,
};
use money::{Amount, CNY};
use std::collections::BTreeSet;
use types::{AccountId, TransactionId};

/// `SplitMix64`: every seed is as good as any.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let many = u64::try_from(list.len()).expect("short");
        if many == 0 { None } else { list.get(usize::try_from(self.below(many)).expect("short")) }
    }
}

/// One history being drawn.
struct Author {
    draw: Draw,
    play: Play,
    batches: Vec<Vec<Command>>,
    /// Every id that was tried.
    tried: Vec<TransactionId>,
    last: Vec<Command>,
}

impl Author {
    fn new(seed: u64) -> Self {
        let play = Play::new();
        Self { draw: Draw(seed), play, batches: Vec::new(), tried: Vec::new(), last: Vec::new() }
    }

    fn account(&mut self) -> AccountId {
        match self.draw.below(40) {
            0..=7 => account("ann"),
            8..=15 => account("bob"),
            16..=21 => account("shop"),
            22..=26 => account("chan"),
            27..=30 => account("card"),
            31 => account("left"),
            32 => account("used"),
            33 => account("nobody"),
            34 => house_account("capital", CNY),
            35..=36 => house_account("withdrawal_in_transit", CNY),
            37 => house_account("refund_in_transit", CNY),
            38 => house_account("quota_source", QUOTA),
            _ => house_account("reserve_bank", CNY),
        }
    }

    fn minor(&mut self) -> u64 {
        match self.draw.below(400) {
            0 => 0,
            1 => i64::MAX.unsigned_abs(),
            _ => 1 + self.draw.below(80),
        }
    }

    fn posting(&mut self) -> Posting {
        if self.draw.once_in(300) {
            return Posting::exact(account("chan"), account("shop"), Amount::MAX);
        }
        let (debit, credit) = match self.draw.below(8) {
            0 => (account("chan"), account("ann")),
            1 => (account("card"), account("shop")),
            2 => (house_account("reserve_bank", CNY), account("bob")),
            3 => (house_account("quota_source", QUOTA), account("left")),
            _ => (self.account(), self.account()),
        };
        let up_to = match self.draw.below(10) {
            0 => UpTo::AvailableOfDebit,
            1 => UpTo::AvailableOfCredit,
            _ => UpTo::Exact,
        };
        let settled_only = self.draw.once_in(8);
        Posting { up_to, settled_only, ..Posting::exact(debit, credit, amount(self.minor())) }
    }

    /// A new id, mostly.
    fn id(&mut self) -> TransactionId {
        let new = id(u128::try_from(self.tried.len()).expect("small") + 1_000);
        let id =
            if self.draw.once_in(40) { *self.draw.of(&self.tried).unwrap_or(&new) } else { new };
        self.tried.push(id);
        id
    }

    fn waiting(&mut self) -> TransactionId {
        let past = &self.play.model.past;
        let holds: Vec<TransactionId> = past
            .iter()
            .filter_map(|(id, (_, fate))| matches!(fate, Fate::Pending(..)).then_some(*id))
            .collect();
        let any = *self.draw.of(&self.tried).unwrap_or(&id(1));
        if self.draw.once_in(5) { any } else { *self.draw.of(&holds).unwrap_or(&any) }
    }

    /// Ends a hold: voids it, posts it, or posts some of it.
    fn end_hold(&mut self) -> Transaction {
        let hold = self.waiting();
        let blank = Transaction { id: self.id(), ..post(0, &[]) };
        if self.draw.once_in(3) {
            let mut tx = Transaction { action: Action::VoidHold { hold }, ..blank };
            if self.draw.once_in(30) {
                tx.postings.push(self.posting());
            }
            return tx;
        }
        let mut tx = Transaction { action: Action::PostHold { hold }, ..blank };
        if let Some((_, Fate::Pending(held, _))) = self.play.model.past.get(&hold)
            && self.draw.once_in(2)
        {
            for one in held.clone() {
                if self.draw.once_in(3) {
                    continue;
                }
                let most = u64::try_from(one.minor).expect("an amount");
                let minor = self.draw.below(most.saturating_add(most / 8 + 2)).min(1 << 62);
                let settled_only = self.draw.once_in(4);
                let exact = Posting::exact(one.debit, one.credit, amount(minor));
                tx.postings.push(Posting { settled_only, ..exact });
            }
            if self.draw.once_in(20) {
                tx.postings.push(self.posting());
            }
        }
        tx
    }

    /// Corrects something that happened, rightly or not.
    fn correct(&mut self) -> Transaction {
        let of = *self.draw.of(&self.tried).unwrap_or(&id(1));
        let original = match self.play.model.past.get(&of) {
            Some((Command::Transact(tx), _)) => tx.clone(),
            _ => Transaction { id: of, ..post(0, &[]) },
        };
        let moved = match original.action {
            Action::PostHold { hold } if original.postings.is_empty() => {
                match self.play.model.past.get(&hold) {
                    Some((Command::Transact(hold), _)) => hold.postings.clone(),
                    _ => Vec::new(),
                }
            }
            _ => original.postings.clone(),
        };
        let original = Transaction { postings: moved, ..original };
        let mut tx = Transaction { id: self.id(), ..reverse(0, &original) };
        match self.draw.below(8) {
            0 => tx.postings.push(self.posting()),
            1 => tx.action = Action::Hold { expires_at: None },
            2 => tx.corrects = Some(Correction { of, kind: CorrectionKind::Supplement }),
            _ => {}
        }
        tx
    }

    fn transaction(&mut self) -> Transaction {
        let mut tx = match self.draw.below(16) {
            0..=3 => self.end_hold(),
            4..=5 => self.correct(),
            _ => {
                let mut tx = Transaction { id: self.id(), ..post(0, &[]) };
                let many = if self.draw.once_in(60) { 0 } else { 1 + self.draw.below(3) };
                tx.postings = (0..many).map(|_| self.posting()).collect();
                if self.draw.once_in(3) {
                    let seconds = i64::try_from(self.draw.below(30)).expect("small");
                    let expires_at =
                        (seconds > 8).then(|| self.play.book.at.plus_seconds(seconds - 8));
                    tx.action = Action::Hold { expires_at };
                }
                tx
            }
        };
        if self.draw.once_in(12) {
            let days = i32::try_from(self.draw.below(3)).expect("small") - 1;
            tx.date = Some(self.play.model.open.plus_days(days));
        }
        if self.draw.once_in(10) {
            let at_least = amount(self.draw.below(60));
            tx.conditions.push(Condition { account: self.account(), at_least });
        }
        match self.draw.below(3_000) {
            0 => tx.postings = vec![self.posting(); MAX_POSTINGS + 1],
            1 => {
                let poor = Condition { account: account("ann"), at_least: amount(1) };
                tx.conditions = vec![poor; MAX_CONDITIONS + 1];
            }
            _ => {}
        }
        tx
    }

    fn open(&mut self) -> NewAccount {
        let name = *self.draw.of(&["card", "card", "eve", "dan", "ann"]).expect("some");
        let role = if name == "card" { "channel_receivable" } else { "customer_balance_2" };
        let new = on(&chart(), name, role, CNY);
        match self.draw.below(12) {
            0 => NewAccount { owner: Owner::House, ..new },
            1 => NewAccount { leaf: GlCode(2011), id: account("no leaf"), ..new },
            2 => NewAccount { leaf: GlCode(999_999), id: account("no code"), ..new },
            3 => NewAccount { flags: BOTH_BOUNDS, id: account("both"), ..new },
            _ => new,
        }
    }

    fn command(&mut self) -> Command {
        let recent = self.last.clone();
        match self.draw.below(120) {
            0..=3 => match self.draw.of(&recent) {
                // The same again.
                Some(command) => command.clone(),
                None => Command::OpenAccount(self.open()),
            },
            4..=6 => Command::OpenAccount(self.open()),
            7..=12 => {
                let some = |draw: &mut Draw| draw.once_in(6);
                let controls = Controls {
                    debits_blocked: some(&mut self.draw),
                    credits_blocked: some(&mut self.draw),
                    closed: some(&mut self.draw),
                };
                let account = self.account();
                Command::SetControls { id: self.id(), account, controls, reference: 0 }
            }
            13..=18 => {
                let days = i32::try_from(self.draw.below(4)).expect("small");
                let through = self.play.model.open.plus_days(-days);
                let sources = [account("chan"), account("card"), account("ann"), account("nobody")];
                let most = if self.draw.once_in(8) { 4 } else { 2 };
                let source = *self.draw.of(&sources[..most]).expect("some");
                Command::Settle { id: self.id(), source, through, reference: 0 }
            }
            19..=22 => {
                let open = self.play.model.open;
                let off = |draw: &mut Draw| i32::from(draw.once_in(6));
                let closing = open.plus_days(off(&mut self.draw) - off(&mut self.draw));
                let opening = closing.plus_days(1 - off(&mut self.draw));
                Command::CutDay { closing, opening }
            }
            _ => Command::Transact(self.transaction()),
        }
    }

    /// Draws and plays so many commands; what differs, if anything does.
    fn write(&mut self, commands: usize) -> Result<(), String> {
        let mut written = 0;
        while written < commands {
            // Commands of one batch are drawn with an eye on the state before it.
            let many = 1 + self.draw.below(4);
            let batch: Vec<Command> = (0..many).map(|_| self.command()).collect();
            written += batch.len();
            self.batches.push(batch.clone());
            self.last.clone_from(&batch);
            self.play.batch(&batch)?;
        }
        self.play.end()
    }
}

/// Leaves out what can be left out of a history while it is still at fault.
fn shrink(
    mut batches: Vec<Vec<Command>>,
    at_fault: impl Fn(&[Vec<Command>]) -> bool,
) -> Vec<Vec<Command>> {
    let mut piece = batches.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < batches.len() {
            let mut fewer = batches.clone();
            // Emptied, not removed: time goes on as it did.
            let end = (at + piece).min(fewer.len());
            let was_empty = fewer[at..end].iter().all(Vec::is_empty);
            fewer[at..end].iter_mut().for_each(Vec::clear);
            if !was_empty && at_fault(&fewer) {
                batches = fewer;
            }
            at += piece;
        }
        piece /= 2;
    }
    for batch in 0..batches.len() {
        for command in (0..batches[batch].len()).rev() {
            let mut fewer = batches.clone();
            fewer[batch].remove(command);
            if at_fault(&fewer) {
                batches = fewer;
            }
        }
    }
    batches
}

/// Plays histories of each seed; gives the codes that were met.
fn histories(seeds: std::ops::Range<u64>, commands: usize) -> BTreeSet<&'static str> {
    let mut met = BTreeSet::new();
    for seed in seeds {
        let mut author = Author::new(seed);
        if let Err(difference) = author.write(commands) {
            let step = author.batches.len();
            let short = shrink(author.batches, |history| play(history).is_err());
            let told: Vec<_> =
                short.iter().enumerate().filter(|(_, batch)| !batch.is_empty()).collect();
            panic!("seed {seed}, batch {step}: {difference}\ncut down: {told:#?}");
        }
        met.extend(&author.play.codes);
        restores(author.play.book.ledger);
    }
    met
}

/// All codes a history can meet: a batch that is late is no command's fault.
fn reachable() -> BTreeSet<&'static str> {
    Refusal::CODES.into_iter().filter(|code| *code != "timestamp_not_monotonic").collect()
}

#[test]
fn the_book_does_what_the_model_says_for_long() {
    let met = histories(0..40, 400);
    let missed: Vec<_> = reachable().difference(&met).copied().collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

/// A million commands and more.
#[test]
fn the_book_does_what_the_model_says_for_a_million_commands_slow() {
    assert_eq!(histories(1_000..3_600, 400), reachable());
}

#[test]
fn a_history_is_cut_down_to_what_matters() {
    let mut author = Author::new(7);
    author.write(60).expect("they agree");
    let (first, last) = (author.batches[3].clone(), author.batches[15].clone());
    let at_fault = |history: &[Vec<Command>]| history.contains(&first) && history.contains(&last);
    let short = shrink(author.batches.clone(), at_fault);
    assert_eq!(short.len(), author.batches.len(), "time goes on as it did");
    let kept: Vec<_> = short.into_iter().filter(|batch| !batch.is_empty()).collect();
    assert_eq!(kept, [first, last]);
}
