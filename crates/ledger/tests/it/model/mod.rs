//! A model of the book in plain maps and `i128`s, run beside it on random histories.
//!
//! The model is slow and plain on purpose: it copies the state, tries, and puts the copy back if
//! anything went wrong; money that has settled is looked for everywhere and found.

mod play;
mod random;
mod shrunk;

use crate::book::{Book, chart, first_date};
use ledger::{
    Action, Command, Controls, Correction, CorrectionKind, Flags, LotRole, NewAccount, Posting,
    Side, Transaction, UpTo,
};
use std::collections::BTreeMap;
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
    role: Option<LotRole>,
    /// How many accounts were opened before it.
    place: usize,
    /// What is in transit and free.
    lots: BTreeMap<Lot, i128>,
}

/// When money entered, and through which account: the one opened first comes first.
type Lot = (BusinessDate, usize, AccountId);

impl Sums {
    fn balance(&self) -> i128 {
        let net = self.credits[1] - self.debits[1];
        if self.debit_normal { -net } else { net }
    }

    /// What could be debited.
    fn debitable(&self) -> i128 {
        self.credits[1] - self.debits[1] - self.debits[0]
    }

    /// How much of that has settled.
    fn settled(&self) -> i128 {
        match self.role {
            Some(LotRole::Source) => 0,
            Some(LotRole::Follow) => self.debitable() - self.lots.values().sum::<i128>(),
            None => i128::MAX,
        }
    }
}

/// One posting of a hold, with what of it is in transit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    debit: AccountId,
    credit: AccountId,
    minor: i128,
    lots: BTreeMap<Lot, i128>,
}

/// What `minor` takes of lots when so much has settled.
fn choose(
    lots: &BTreeMap<Lot, i128>,
    settled: i128,
    minor: i128,
    back_to: Option<AccountId>,
) -> BTreeMap<Lot, i128> {
    let mut queue: Vec<(Lot, i128)> = lots.iter().map(|(lot, minor)| (*lot, *minor)).collect();
    queue.sort_by_key(|((date, place, source), _)| {
        let own = Some(*source) == back_to;
        (!own, if own { -date.days() } else { date.days() }, *place)
    });
    let mut wanted = (minor - settled.max(0)).max(0);
    let mut chosen = BTreeMap::new();
    for (lot, there) in queue {
        let taken = there.min(wanted);
        if taken > 0 {
            chosen.insert(lot, taken);
            wanted -= taken;
        }
    }
    chosen
}

fn put(lots: &mut BTreeMap<Lot, i128>, more: &BTreeMap<Lot, i128>, sign: i128) {
    for (lot, minor) in more {
        *lots.entry(*lot).or_default() += sign * minor;
    }
    lots.retain(|_, minor| *minor != 0);
}

#[derive(Debug, Clone)]
enum Fate {
    NoHold,
    Pending(Vec<Held>, Option<Timestamp>),
    Posted,
    Voided,
    Expired,
}

#[derive(Debug, Clone)]
struct Model {
    accounts: BTreeMap<AccountId, (NewAccount, Sums)>,
    past: BTreeMap<TransactionId, (Command, Fate)>,
    /// By what was reversed, what reversed it.
    reversed: BTreeMap<TransactionId, TransactionId>,
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
            self.give_back(&held);
            self.end(id, Fate::Expired);
        }
    }

    fn end(&mut self, id: TransactionId, fate: Fate) {
        self.past.get_mut(&id).expect("known").1 = fate;
    }

    /// Adds (or takes) an amount to the pending (0) or posted (1) sums.
    fn shift(&mut self, debit: AccountId, credit: AccountId, which: usize, minor: i128) {
        for (account, is_debit) in [(debit, true), (credit, false)] {
            let (new, sums) = self.accounts.get_mut(&account).expect("known");
            let side = if is_debit { &mut sums.debits } else { &mut sums.credits };
            side[which] += minor;
            if which == 1 {
                let net = if is_debit { minor } else { -minor };
                *self.leaves.entry((new.leaf.0, new.asset.0)).or_default() += net;
            }
        }
    }

    /// The lots of an account, to be changed.
    fn lots(&mut self, account: AccountId) -> &mut BTreeMap<Lot, i128> {
        &mut self.accounts.get_mut(&account).expect("known").1.lots
    }

    fn give_back(&mut self, held: &[Held]) {
        for one in held {
            self.shift(one.debit, one.credit, 0, -one.minor);
            put(self.lots(one.debit), &one.lots, 1);
        }
    }

    /// What goes into an account with money that comes from another.
    fn enter(&mut self, from: AccountId, to: AccountId, minor: i128, lots: &BTreeMap<Lot, i128>) {
        if self.accounts[&to].1.role != Some(LotRole::Follow) {
            return;
        }
        let source = &self.accounts[&from].1;
        if source.role == Some(LotRole::Source) {
            let lot = (self.open, source.place, from);
            put(self.lots(to), &BTreeMap::from([(lot, minor)]), 1);
        } else {
            put(self.lots(to), lots, 1);
        }
    }

    fn settle(&mut self, source: AccountId, through: BusinessDate) {
        let live = |lot: &Lot| lot.2 != source || lot.0 > through;
        for (_, sums) in self.accounts.values_mut() {
            sums.lots.retain(|lot, _| live(lot));
        }
        for (_, fate) in self.past.values_mut() {
            if let Fate::Pending(held, _) = fate {
                for one in held {
                    one.lots.retain(|lot, _| live(lot));
                }
            }
        }
    }

    fn say(&mut self, at: Timestamp, command: &Command) -> Said {
        let before = (self.accounts.clone(), self.leaves.clone());
        match self.attempt(at, command) {
            Ok(true) => Said::Done,
            Ok(false) => Said::Exists,
            Err(code) => {
                (self.accounts, self.leaves) = before;
                Said::Refused(code)
            }
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
            Command::Settle { id, source, through, .. } => {
                if let Some((known, _)) = self.past.get(id) {
                    return if known == command { Ok(false) } else { Err("id_conflict") };
                }
                if self.sums(*source)?.role != Some(LotRole::Source) {
                    return Err("not_a_source");
                }
                if *through >= self.open {
                    return Err("value_date_open");
                }
                self.settle(*source, *through);
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
                if let Some(Correction { of, kind: CorrectionKind::Reversal }) = tx.corrects {
                    self.reversed.insert(of, tx.id);
                }
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
        if new.flags.debits_must_not_exceed_credits && new.flags.credits_must_not_exceed_debits {
            return Err("flags_conflict");
        }
        let sums = Sums {
            asset: new.asset.0,
            fund: fund as u8,
            debit_normal: node.normal == Side::Debit,
            flags: new.flags,
            controls: Controls::default(),
            debits: [0; 2],
            credits: [0; 2],
            role: node.lots,
            place: self.accounts.len(),
            lots: BTreeMap::new(),
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
        if tx.postings.len() > ledger::MAX_POSTINGS {
            return Err("too_many_postings");
        }
        let ends = matches!(tx.action, Action::PostHold { .. } | Action::VoidHold { .. });
        if !ends && tx.postings.is_empty() {
            return Err("no_postings");
        }
        if matches!(tx.action, Action::VoidHold { .. }) && !tx.postings.is_empty() {
            return Err("postings_not_allowed");
        }
        if tx.conditions.len() > ledger::MAX_CONDITIONS {
            return Err("too_many_conditions");
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
                self.give_back(&held);
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
        if self.reversed.contains_key(&of) {
            return Err("already_reversed");
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
        let exact = |p: &Posting| (p.up_to == UpTo::Exact).then_some((p.debit, p.credit, p.amount));
        let mut left: Vec<_> = tx.postings.iter().map(exact).collect();
        for posting in asked {
            let back = Some((posting.credit, posting.debit, posting.amount));
            let place = left.iter().position(|p| *p == back).ok_or("reversal_mismatch")?;
            left.remove(place);
        }
        if left.is_empty() { Ok(()) } else { Err("reversal_mismatch") }
    }

    fn new_moves(&mut self, tx: &Transaction, which: usize) -> Try<Vec<Held>> {
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
            moved.extend(self.new_move(posting, which)?);
        }
        Ok(moved)
    }

    fn new_move(&mut self, posting: &Posting, which: usize) -> Try<Option<Held>> {
        let Posting { debit, credit, .. } = *posting;
        let (from, to) = (self.sums(debit)?, self.sums(credit)?);
        let out = from.debitable();
        let into = to.debits[1] - to.credits[1] - to.credits[0];
        let settled = from.settled();
        let mut asked = i128::from(posting.amount.minor());
        if posting.settled_only && posting.up_to != UpTo::Exact {
            asked = asked.min(settled.max(0));
        }
        let minor = match posting.up_to {
            UpTo::Exact => asked,
            UpTo::AvailableOfDebit => asked.min(out.max(0)),
            UpTo::AvailableOfCredit => asked.min(into.max(0)),
        };
        if minor == 0 {
            return Ok(None);
        }
        if from.flags.debits_must_not_exceed_credits && minor > out
            || to.flags.credits_must_not_exceed_debits && minor > into
        {
            return Err("insufficient_available");
        }
        if from.debits.iter().sum::<i128>() + minor > ROOM
            || to.credits.iter().sum::<i128>() + minor > ROOM
        {
            return Err("overflow");
        }
        if posting.settled_only && minor > settled.max(0) {
            return Err("not_settled");
        }
        let back_to = (to.role == Some(LotRole::Source)).then_some(credit);
        let lots = choose(&from.lots, settled, minor, back_to);
        put(self.lots(debit), &lots, -1);
        self.shift(debit, credit, which, minor);
        if which == 1 {
            self.enter(debit, credit, minor, &lots);
        }
        Ok(Some(Held { debit, credit, minor, lots }))
    }

    fn held(&self, hold: TransactionId) -> Try<Vec<Held>> {
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
        let whole = tx.postings.is_empty();
        // How much of each held posting, and whether it must have settled.
        let mut wanted: Vec<(i128, bool)> =
            held.iter().map(|h| (if whole { h.minor } else { 0 }, false)).collect();
        let mut from = 0;
        for posting in &tx.postings {
            if posting.amount.is_zero() {
                return Err("amount_zero");
            }
            if posting.debit == posting.credit {
                return Err("accounts_equal");
            }
            let same = |h: &Held| {
                h.debit == posting.debit
                    && h.credit == posting.credit
                    && posting.up_to == UpTo::Exact
            };
            let rest = held.get(from..).unwrap_or_default();
            let found = from + rest.iter().position(same).ok_or("pending_mismatch")?;
            let minor = i128::from(posting.amount.minor());
            if minor > held[found].minor {
                return Err("amount_exceeds_pending");
            }
            wanted[found] = (minor, posting.settled_only);
            from = found + 1;
        }
        for (one, _) in held.iter().zip(&wanted).filter(|(_, (minor, _))| *minor > 0) {
            self.may_touch(one.debit, one.credit)?;
        }
        self.conditions(tx)?;
        let settled = |h: &Held| h.minor - h.lots.values().sum::<i128>();
        for (one, (minor, settled_only)) in held.iter().zip(&wanted) {
            let settled = match self.sums(one.debit)?.role {
                Some(LotRole::Source) => 0,
                _ => settled(one),
            };
            if *settled_only && *minor > settled && self.sums(one.debit)?.role.is_some() {
                return Err("not_settled");
            }
        }
        for (one, (minor, _)) in held.iter().zip(wanted) {
            self.shift(one.debit, one.credit, 0, -one.minor);
            self.shift(one.debit, one.credit, 1, minor);
            let source = self.sums(one.credit)?.role == Some(LotRole::Source);
            let back_to = source.then_some(one.credit);
            let gone = choose(&one.lots, settled(one), minor, back_to);
            put(self.lots(one.debit), &one.lots, 1);
            put(self.lots(one.debit), &gone, -1);
            if minor > 0 {
                self.enter(one.debit, one.credit, minor, &gone);
            }
        }
        self.end(hold, Fate::Posted);
        Ok(())
    }
}

/// The batches that made a new [`Book`], told to the model.
fn model() -> Model {
    let mut model = Model {
        accounts: BTreeMap::new(),
        past: BTreeMap::new(),
        reversed: BTreeMap::new(),
        cuts: Vec::new(),
        open: first_date(),
        leaves: BTreeMap::new(),
    };
    for account in Book::new().ledger.accounts() {
        model.open_account(&account.as_opened()).expect("opens");
    }
    model
}
