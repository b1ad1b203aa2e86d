//! A model of the book in plain maps and `i128`s, run beside it on random histories.
//!
//! The model is slow and plain on purpose: it copies the whole state, tries, and keeps the copy
//! if all went well.

use crate::book::{Book, QUOTA, account, amount, chart, first_date, id, on};
use ledger::codec::{Encoded, decode_piece};
use ledger::{
    Account, Action, Command, Condition, Controls, Correction, CorrectionKind, Flags, Ledger,
    NewAccount, Outcome, Owner, Posting, Refusal, Side, Transaction, UpTo, house_account,
};
use money::CNY;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use types::{AccountId, BusinessDate, Timestamp, TransactionId};

const ROOM: i128 = u64::MAX as i128;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sums {
    asset: u32,
    fund: u8,
    debit_normal: bool,
    flags: Flags,
    controls: Controls,
    /// Debits pending, debits posted, credits pending, credits posted.
    debits: [i128; 2],
    credits: [i128; 2],
}

impl Sums {
    fn balance(&self) -> i128 {
        let net = self.credits[1] - self.debits[1];
        if self.debit_normal { -net } else { net }
    }
}

#[derive(Debug, Clone)]
enum Fate {
    NoHold,
    Pending(Vec<(AccountId, AccountId, i128)>, Option<Timestamp>),
    Posted,
    Voided,
    Expired,
}

#[derive(Debug, Clone)]
struct Model {
    accounts: BTreeMap<AccountId, (NewAccount, Sums)>,
    past: BTreeMap<TransactionId, (Command, Fate)>,
    cuts: Vec<Command>,
    open: BusinessDate,
    /// Net debits a leaf and asset.
    leaves: BTreeMap<(u32, u32), i128>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Done,
    Exists,
    Refused(&'static str),
}

type Try<T> = Result<T, &'static str>;

impl Model {
    fn expire(&mut self, at: Timestamp) {
        let due: Vec<_> = self
            .past
            .iter()
            .filter_map(|(id, (_, fate))| match fate {
                Fate::Pending(held, Some(expires)) if *expires <= at => Some((*id, held.clone())),
                _ => None,
            })
            .collect();
        for (id, held) in due {
            self.shift(&held, 0, -1);
            self.end(id, Fate::Expired);
        }
    }

    fn end(&mut self, id: TransactionId, fate: Fate) {
        self.past.get_mut(&id).expect("known").1 = fate;
    }

    /// Adds (or takes) amounts to the pending (0) or posted (1) sums.
    fn shift(&mut self, moves: &[(AccountId, AccountId, i128)], which: usize, sign: i128) {
        for (debit, credit, minor) in moves {
            for (account, is_debit) in [(debit, true), (credit, false)] {
                let (new, sums) = self.accounts.get_mut(account).expect("known");
                let side = if is_debit { &mut sums.debits } else { &mut sums.credits };
                side[which] += sign * minor;
                if which == 1 {
                    let net = if is_debit { *minor } else { -minor };
                    *self.leaves.entry((new.leaf.0, new.asset.0)).or_default() += sign * net;
                }
            }
        }
    }

    fn say(&mut self, at: Timestamp, command: &Command) -> Said {
        let mut copy = self.clone();
        match copy.attempt(at, command) {
            Ok(true) => {
                *self = copy;
                Said::Done
            }
            Ok(false) => Said::Exists,
            Err(code) => Said::Refused(code),
        }
    }

    /// Whether it is new; the code if it is refused.
    fn attempt(&mut self, at: Timestamp, command: &Command) -> Try<bool> {
        match command {
            Command::OpenAccount(new) => self.open_account(new),
            Command::SetControls { id, account, controls, .. } => {
                if let Some((known, _)) = self.past.get(id) {
                    return if known == command { Ok(false) } else { Err("id_conflict") };
                }
                let (_, sums) = self.accounts.get_mut(account).ok_or("account_not_found")?;
                let empty = sums.balance() == 0 && sums.debits[0] == 0 && sums.credits[0] == 0;
                if controls.closed && !empty {
                    return Err("account_not_empty");
                }
                sums.controls = *controls;
                self.past.insert(*id, (command.clone(), Fate::NoHold));
                Ok(true)
            }
            Command::CutDay { closing, opening } => {
                if self.cuts.contains(command) {
                    return Ok(false);
                }
                self.date(Some(*closing))?;
                if opening <= closing {
                    return Err("date_not_after");
                }
                self.open = *opening;
                self.cuts.push(command.clone());
                Ok(true)
            }
            Command::Transact(tx) => {
                if let Some((known, _)) = self.past.get(&tx.id) {
                    return if known == command { Ok(false) } else { Err("id_conflict") };
                }
                let fate = self.transact(at, tx)?;
                self.past.insert(tx.id, (command.clone(), fate));
                Ok(true)
            }
        }
    }

    fn open_account(&mut self, new: &NewAccount) -> Try<bool> {
        if let Some((known, _)) = self.accounts.get(&new.id) {
            return if known == new { Ok(false) } else { Err("account_exists") };
        }
        let chart = chart();
        let node = chart.node(new.leaf).ok_or("gl_code_unknown")?;
        let fund = node.fund.ok_or("gl_code_not_leaf")?;
        let sums = Sums {
            asset: new.asset.0,
            fund: fund as u8,
            debit_normal: node.normal == Side::Debit,
            flags: new.flags,
            controls: Controls::default(),
            debits: [0; 2],
            credits: [0; 2],
        };
        self.accounts.insert(new.id, (new.clone(), sums));
        Ok(true)
    }

    fn date(&self, date: Option<BusinessDate>) -> Try<()> {
        match date {
            Some(date) if date < self.open => Err("date_closed"),
            Some(date) if date > self.open => Err("date_not_open"),
            _ => Ok(()),
        }
    }

    fn sums(&self, account: AccountId) -> Try<&Sums> {
        self.accounts.get(&account).map(|(_, sums)| sums).ok_or("account_not_found")
    }

    fn may_touch(&self, debit: AccountId, credit: AccountId) -> Try<()> {
        let (debit, credit) = (self.sums(debit)?, self.sums(credit)?);
        for (bad, code) in [
            (debit.asset != credit.asset, "asset_mismatch"),
            (debit.fund != credit.fund, "fund_mismatch"),
            (debit.controls.closed || credit.controls.closed, "account_closed"),
            (debit.controls.debits_blocked, "debits_blocked"),
            (credit.controls.credits_blocked, "credits_blocked"),
        ] {
            if bad {
                return Err(code);
            }
        }
        Ok(())
    }

    fn conditions(&self, tx: &Transaction) -> Try<()> {
        for condition in &tx.conditions {
            let balance = self.sums(condition.account)?.balance();
            if balance < i128::from(condition.at_least.minor()) {
                return Err("condition_failed");
            }
        }
        Ok(())
    }

    fn transact(&mut self, at: Timestamp, tx: &Transaction) -> Try<Fate> {
        let ends = matches!(tx.action, Action::PostHold { .. } | Action::VoidHold { .. });
        if !ends && tx.postings.is_empty() {
            return Err("no_postings");
        }
        if matches!(tx.action, Action::VoidHold { .. }) && !tx.postings.is_empty() {
            return Err("postings_not_allowed");
        }
        if matches!(tx.action, Action::Hold { expires_at: Some(expires) } if expires <= at) {
            return Err("expiry_in_past");
        }
        self.date(tx.date)?;
        self.correction(tx)?;
        match tx.action {
            Action::Post => self.new_moves(tx, 1).map(|_| Fate::NoHold),
            Action::Hold { expires_at } => {
                self.new_moves(tx, 0).map(|held| Fate::Pending(held, expires_at))
            }
            Action::PostHold { hold } => self.post_hold(tx, hold).map(|()| Fate::NoHold),
            Action::VoidHold { hold } => {
                let held = self.held(hold)?;
                self.conditions(tx)?;
                self.shift(&held, 0, -1);
                self.end(hold, Fate::Voided);
                Ok(Fate::NoHold)
            }
        }
    }

    fn correction(&self, tx: &Transaction) -> Try<()> {
        let Some(Correction { of, kind }) = tx.corrects else { return Ok(()) };
        let (command, fate) = self.past.get(&of).ok_or("corrected_not_found")?;
        if tx.action != Action::Post {
            return Err("correction_must_post");
        }
        let Command::Transact(original) = command else { return Err("not_correctable") };
        let posts = matches!(original.action, Action::Post | Action::PostHold { .. });
        let reversal =
            |tx: &Transaction| tx.corrects.is_some_and(|c| c.kind == CorrectionKind::Reversal);
        if !posts || !matches!(fate, Fate::NoHold) || reversal(original) {
            return Err("not_correctable");
        }
        if kind == CorrectionKind::Supplement {
            return Ok(());
        }
        for (command, _) in self.past.values() {
            if let Command::Transact(other) = command
                && reversal(other)
                && other.corrects.is_some_and(|c| c.of == of)
            {
                return Err("already_reversed");
            }
        }
        let asked = match original.action {
            Action::PostHold { hold } if original.postings.is_empty() => {
                let Some((Command::Transact(hold), _)) = self.past.get(&hold) else {
                    return Err("not_correctable");
                };
                &hold.postings
            }
            _ => &original.postings,
        };
        if asked.iter().any(|p| p.up_to != UpTo::Exact) {
            return Err("not_correctable");
        }
        let mut left = tx.postings.clone();
        for posting in asked {
            let back = Posting::exact(posting.credit, posting.debit, posting.amount);
            let place = left.iter().position(|p| *p == back).ok_or("reversal_mismatch")?;
            left.remove(place);
        }
        if left.is_empty() { Ok(()) } else { Err("reversal_mismatch") }
    }

    fn new_moves(
        &mut self,
        tx: &Transaction,
        which: usize,
    ) -> Try<Vec<(AccountId, AccountId, i128)>> {
        for posting in &tx.postings {
            if posting.amount.is_zero() {
                return Err("amount_zero");
            }
            if posting.debit == posting.credit {
                return Err("accounts_equal");
            }
            self.may_touch(posting.debit, posting.credit)?;
        }
        self.conditions(tx)?;
        let mut moved = Vec::new();
        for posting in &tx.postings {
            let (debit, credit) = (self.sums(posting.debit)?, self.sums(posting.credit)?);
            let out = debit.credits[1] - debit.debits[1] - debit.debits[0];
            let into = credit.debits[1] - credit.credits[1] - credit.credits[0];
            let asked = i128::from(posting.amount.minor());
            let minor = match posting.up_to {
                UpTo::Exact => asked,
                UpTo::AvailableOfDebit => asked.min(out.max(0)),
                UpTo::AvailableOfCredit => asked.min(into.max(0)),
            };
            let poor = debit.flags.debits_must_not_exceed_credits && minor > out
                || credit.flags.credits_must_not_exceed_debits && minor > into;
            if minor > 0 && poor {
                return Err("insufficient_available");
            }
            let full = debit.debits.iter().sum::<i128>() + minor > ROOM
                || credit.credits.iter().sum::<i128>() + minor > ROOM;
            if full {
                return Err("overflow");
            }
            if minor > 0 {
                let done = (posting.debit, posting.credit, minor);
                self.shift(&[done], which, 1);
                moved.push(done);
            }
        }
        Ok(moved)
    }

    fn held(&self, hold: TransactionId) -> Try<Vec<(AccountId, AccountId, i128)>> {
        match self.past.get(&hold).map(|(_, fate)| fate) {
            None => Err("pending_not_found"),
            Some(Fate::NoHold) => Err("pending_not_a_hold"),
            Some(Fate::Posted) => Err("pending_already_posted"),
            Some(Fate::Voided) => Err("pending_already_voided"),
            Some(Fate::Expired) => Err("pending_expired"),
            Some(Fate::Pending(held, _)) => Ok(held.clone()),
        }
    }

    fn post_hold(&mut self, tx: &Transaction, hold: TransactionId) -> Try<()> {
        let held = self.held(hold)?;
        let mut posted = if tx.postings.is_empty() { held.clone() } else { Vec::new() };
        let mut from = 0;
        for posting in &tx.postings {
            if posting.amount.is_zero() {
                return Err("amount_zero");
            }
            if posting.debit == posting.credit {
                return Err("accounts_equal");
            }
            let same = |h: &&(AccountId, AccountId, i128)| {
                h.0 == posting.debit && h.1 == posting.credit && posting.up_to == UpTo::Exact
            };
            let rest = held.get(from..).unwrap_or_default();
            let found = rest.iter().position(|h| same(&h)).ok_or("pending_mismatch")?;
            let minor = i128::from(posting.amount.minor());
            if minor > rest[found].2 {
                return Err("amount_exceeds_pending");
            }
            from += found + 1;
            posted.push((posting.debit, posting.credit, minor));
        }
        for (debit, credit, _) in &posted {
            self.may_touch(*debit, *credit)?;
        }
        self.conditions(tx)?;
        self.shift(&held, 0, -1);
        self.shift(&posted, 1, 1);
        self.end(hold, Fate::Posted);
        Ok(())
    }
}

const NAMES: [&str; 7] = ["ann", "bob", "shop", "chan", "left", "used", "nobody"];

fn accounts() -> impl Strategy<Value = AccountId> {
    prop_oneof![
        12 => prop::sample::select(&NAMES[..4]).prop_map(account),
        3 => prop::sample::select(&NAMES[4..]).prop_map(account),
        1 => Just(house_account("capital", CNY)),
        1 => Just(house_account("reserve_bank", CNY)),
        1 => Just(house_account("quota_source", QUOTA)),
    ]
}

/// Few ids, so that they meet.
fn ids() -> impl Strategy<Value = TransactionId> {
    (0u128..24).prop_map(id)
}

fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0u64), 30 => 1u64..60, 1 => Just(i64::MAX.unsigned_abs())]
}

fn postings() -> impl Strategy<Value = Posting> {
    let up_to = prop_oneof![
        6 => Just(UpTo::Exact),
        1 => Just(UpTo::AvailableOfDebit),
        1 => Just(UpTo::AvailableOfCredit)
    ];
    // Money comes from the channel often enough for the rest to have some.
    let sides = prop_oneof![
        1 => Just((account("chan"), account("ann"))),
        1 => Just((house_account("quota_source", QUOTA), account("left"))),
        5 => (accounts(), accounts()),
    ];
    (sides, amounts(), up_to).prop_map(|((debit, credit), minor, up_to)| Posting {
        up_to,
        ..Posting::exact(debit, credit, amount(minor))
    })
}

fn dates() -> impl Strategy<Value = BusinessDate> {
    (-1..4i32).prop_map(|days| first_date().plus_days(days))
}

fn actions() -> impl Strategy<Value = Action> {
    let expires = |seconds| first_date().start().plus_seconds(seconds);
    prop_oneof![
        4 => Just(Action::Post),
        3 => prop::option::of((0i64..60).prop_map(expires))
            .prop_map(|expires_at| Action::Hold { expires_at }),
        3 => ids().prop_map(|hold| Action::PostHold { hold }),
        2 => ids().prop_map(|hold| Action::VoidHold { hold }),
    ]
}

fn transactions() -> impl Strategy<Value = Transaction> {
    let condition = (accounts(), 0u64..80)
        .prop_map(|(account, minor)| Condition { account, at_least: amount(minor) });
    let kind = prop_oneof![Just(CorrectionKind::Reversal), Just(CorrectionKind::Supplement)];
    let corrects = (ids(), kind).prop_map(|(of, kind)| Correction { of, kind });
    (
        (ids(), actions()),
        vec(postings(), 0..4),
        prop_oneof![8 => Just(None), 1 => dates().prop_map(Some)],
        prop_oneof![6 => Just(vec![]), 1 => vec(condition, 1..3)],
        prop_oneof![9 => Just(None), 1 => corrects.prop_map(Some)],
    )
        .prop_map(|((id, action), mut postings, date, conditions, corrects)| {
            let ends = matches!(action, Action::PostHold { .. } | Action::VoidHold { .. });
            if ends && postings.len() != 1 {
                postings.clear();
            }
            Transaction {
                id,
                event: 1,
                order: None,
                reference: 0,
                date,
                action,
                postings,
                conditions,
                corrects,
            }
        })
}

fn commands() -> impl Strategy<Value = Command> {
    let flag = prop::bool::weighted(0.15);
    let controls = (flag, flag, flag).prop_map(|(debits, credits, closed)| Controls {
        debits_blocked: debits,
        credits_blocked: credits,
        closed,
    });
    let opened = ["ann", "eve", "dan"].map(|name| on(&chart(), name, "customer_balance_2", CNY));
    let opened = (prop::sample::select(opened.to_vec()), any::<bool>()).prop_map(|(new, other)| {
        if other { NewAccount { owner: Owner::House, ..new } } else { new }
    });
    prop_oneof![
        30 => transactions().prop_map(Command::Transact),
        3 => (ids(), accounts(), controls).prop_map(|(id, account, controls)| {
            Command::SetControls { id, account, controls, reference: 0 }
        }),
        1 => (dates(), dates()).prop_map(|(closing, opening)| Command::CutDay { closing, opening }),
        1 => opened.prop_map(Command::OpenAccount),
    ]
}

/// The batches that made a new [`Book`], told to the model.
fn model() -> Model {
    let empty = Model {
        accounts: BTreeMap::new(),
        past: BTreeMap::new(),
        cuts: Vec::new(),
        open: first_date(),
        leaves: BTreeMap::new(),
    };
    let mut model = empty;
    for account in Book::new().ledger.accounts() {
        model.open_account(&account.as_opened()).expect("opens");
    }
    model
}

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

/// Plays batches on the book and on the model; gives the book and the codes that were met.
fn play(batches: &[Vec<Command>]) -> (Book, BTreeSet<&'static str>) {
    let (mut book, mut model) = (Book::new(), model());
    let mut codes = BTreeSet::new();
    for batch in batches {
        let outcomes = book.batch(batch);
        model.expire(book.at);
        for (command, outcome) in batch.iter().zip(outcomes) {
            let expected = model.say(book.at, command);
            assert_eq!(said(outcome), expected, "{command:#?}");
            if let Said::Refused(code) = expected {
                codes.insert(code);
            }
        }
        assert_eq!(book.ledger.accounts().len(), model.accounts.len());
        assert_eq!(book.ledger.open_date(), model.open);
        for account in book.ledger.accounts() {
            assert!(same(&model, account), "{account:#?} {model:#?}");
        }
    }
    book.proves();
    let balance = book.ledger.trial_balance(book.ledger.open_date());
    for row in balance.rows.iter().filter(|r| r.leaf) {
        let net = model.leaves.get(&(row.code.0, row.asset.0)).copied().unwrap_or_default();
        let columns = (row.closing_debit, row.closing_credit);
        let debit = u128::try_from(net.max(0)).expect("positive");
        let credit = u128::try_from((-net).max(0)).expect("positive");
        assert_eq!(columns, (debit, credit), "{row:?}");
    }
    (book, codes)
}

/// The same batches, through the journal's form, on another book.
/// What was frozen comes back as the same book, and no other bytes come back as it.
fn restores(ledger: ledger::Ledger) {
    let (chart, hash, seq) = (ledger.chart().clone(), ledger.state_hash(), ledger.seq());
    let bytes = ledger.freeze().encode();
    assert_eq!(ledger.freeze().state_hash(), hash);
    let restored = ledger::Ledger::restore(chart.clone(), ledger.into_memory(), &bytes);
    let restored = restored.expect("the same book");
    assert_eq!((restored.state_hash(), restored.seq()), (hash, seq));
    assert_eq!(restored.freeze().encode(), bytes, "one state has one form");
    assert!(restored.prove().hold());
    let mut memory = restored.into_memory();
    for cut in [0, 7, 8, 20, bytes.len() / 2, bytes.len() - 1] {
        assert!(ledger::Ledger::restore(chart.clone(), memory, &bytes[..cut]).is_err(), "{cut}");
        memory = ledger::MemoryPast::default();
    }
}

fn replay(batches: &[Vec<Command>]) -> [u8; 32] {
    let mut book = Book::new();
    for batch in batches {
        let at = book.at.plus_seconds(1);
        let encoded = Encoded::of(batch);
        let read: Vec<Command> =
            encoded.pieces().flat_map(|p| decode_piece(p).expect("just written")).collect();
        let seq = book.ledger.seq();
        book.ledger.apply(at, &read);
        book.at = at;
        assert!(book.ledger.seq() >= seq);
    }
    book.ledger.state_hash()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_book_does_what_the_model_says(batches in vec(vec(commands(), 0..6), 1..40)) {
        let (book, _) = play(&batches);
        prop_assert_eq!(book.ledger.state_hash(), replay(&batches));
        restores(book.ledger);
    }
}

/// A random history that never meets a refusal proves little: over many of them, seeded, the
/// model must have met all that it knows.
#[test]
fn random_histories_reach_the_refusals() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let strategy = vec(vec(commands(), 1..6), 40);
    let mut met = BTreeSet::new();
    for _ in 0..150 {
        let tree = strategy.new_tree(&mut runner).expect("a history");
        met.extend(play(&tree.current()).1);
    }
    // Those that the histories here cannot make: see the table of refusals for them.
    let unmade: BTreeSet<&str> = [
        "timestamp_not_monotonic",
        "gl_code_unknown",
        "gl_code_not_leaf",
        "flags_conflict",
        "too_many_postings",
        "too_many_conditions",
        "already_reversed",
    ]
    .into();
    let all: BTreeSet<&str> = Refusal::CODES.into_iter().filter(|c| !unmade.contains(c)).collect();
    let missed: Vec<_> = all.difference(&met).collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
}

#[test]
fn an_empty_book_proves() {
    assert!(Ledger::new(chart(), first_date()).prove().hold());
}
