//! Holds on both sides, as they stand and as they stood; corrections from what they correct.

use crate::support::{
    START, cash, chart, config, done, furnish, merchant, order, storage, transfer, txn, walk,
};
use bookkeeper::{Bookkeeper, Hold, IndexOptions, Storage};
use ledger::{
    Action, Correction, CorrectionKind, Posting, Side, Transaction, TransactionState as State,
};
use std::sync::Arc;
use testkit::{MemoryDisk, clock_at, moment};
use types::{AccountId, ManualClock, Timestamp, TransactionId};

/// Everything but the last few things lies on the disk.
fn open(disk: &MemoryDisk, clock: &Arc<ManualClock>) -> Bookkeeper {
    let index = IndexOptions { fresh_entries: 3, background: false, ..IndexOptions::new(0) };
    let storage = Storage { index, states_of_journal: 0, ..storage(disk) };
    Bookkeeper::open_on(storage, config(), chart(), Arc::clone(clock) as _).expect("open")
}

fn after(seconds: i64) -> Timestamp {
    moment(START).plus_seconds(seconds)
}

fn hold(number: u64, minor: u64, expires_at: Option<Timestamp>) -> Transaction {
    let mut hold = transfer(txn("hold", number), cash(0), merchant(), minor);
    hold.action = Action::Hold { expires_at };
    hold.order = Some(order(number));
    hold
}

fn ending(name: &str, number: u64, action: Action) -> Transaction {
    let mut end = transfer(txn(name, number), cash(0), merchant(), 1);
    (end.action, end.postings) = (action, Vec::new());
    end
}

/// Holds 0..4, made at seconds 1 to 4: 0 posted at 10, 1 voided at 20, 2 expired at 30,
/// 3 waits.
fn furnished(disk: &MemoryDisk) -> (Bookkeeper, Arc<ManualClock>) {
    let clock = clock_at(START);
    let book = open(disk, &clock);
    furnish(&book, 2, 1_000);
    for number in 0..4 {
        clock.advance_to(after(i64::try_from(number + 1).expect("small")));
        done(&book, hold(number, 100 + number, (number == 2).then(|| after(30))));
    }
    clock.advance_to(after(10));
    done(&book, ending("post", 0, Action::PostHold { hold: txn("hold", 0) }));
    clock.advance_to(after(20));
    done(&book, ending("void", 1, Action::VoidHold { hold: txn("hold", 1) }));
    clock.advance_to(after(30));
    // Time passes with the next batch, even an empty one.
    book.submit_blocking(Vec::new()).expect("submit");
    (book, clock)
}

type Told = (TransactionId, Side, u64, State, Option<Timestamp>);

fn told(holds: &[Hold]) -> Vec<Told> {
    holds.iter().map(|h| (h.id, h.side, h.amount.minor(), h.state, h.ended_at)).collect()
}

fn expected(side: Side) -> Vec<Told> {
    let ended = |seconds| Some(after(seconds));
    vec![
        (txn("hold", 3), side, 103, State::Pending, None),
        (txn("hold", 2), side, 102, State::Expired, ended(30)),
        (txn("hold", 1), side, 101, State::HoldVoided, ended(20)),
        (txn("hold", 0), side, 100, State::HoldPosted, ended(10)),
    ]
}

#[test]
fn both_sides_of_a_hold_know_it_and_when_it_ended() {
    let disk = MemoryDisk::new();
    let (book, clock) = furnished(&disk);
    let check = |book: &Bookkeeper| {
        for (account, side) in [(cash(0), Side::Debit), (merchant(), Side::Credit)] {
            let holds = book.holds(account).expect("read");
            assert_eq!(told(&holds), expected(side));
            assert!(holds.iter().all(|hold| hold.account == account && hold.order.is_some()));
        }
        assert_eq!(book.holds(cash(1)).expect("read"), []);
    };
    check(&book);
    // Closed after nothing but time had passed: the end of hold 2 is kept all the same.
    drop(book);
    check(&open(&disk, &clock));
    let found = walk(&disk).expect("a sound journal");
    assert_eq!(found.index_agrees, Some(true));
    for path in disk.paths().into_iter().filter(|path| path.starts_with("/book/index")) {
        journal::Files::remove(&disk, &path).expect("remove");
    }
    check(&open(&disk, &clock));
}

#[test]
fn an_account_on_both_sides_of_a_hold_has_a_voucher_for_each() {
    let disk = MemoryDisk::new();
    let book = open(&disk, &clock_at(START));
    furnish(&book, 2, 1_000);
    let mut hold = hold(1, 70, None);
    hold.postings.push(Posting::exact(cash(1), cash(0), crate::support::amount(20)));
    done(&book, hold);
    let sides = |account| -> Vec<_> {
        let holds = book.holds(account).expect("read");
        holds.iter().map(|hold| (hold.side, hold.amount.minor())).collect()
    };
    assert_eq!(sides(cash(0)), [(Side::Debit, 70), (Side::Credit, 20)]);
    assert_eq!(sides(cash(1)), [(Side::Debit, 20)]);
    assert_eq!(sides(merchant()), [(Side::Credit, 70)]);
}

#[test]
fn the_holds_of_a_past_moment_are_those_that_waited_then() {
    let disk = MemoryDisk::new();
    let (book, clock) = furnished(&disk);
    drop(book);
    let book = open(&disk, &clock);
    let waited = |account: AccountId, seconds| -> Vec<TransactionId> {
        let then = book.holds_at(account, after(seconds), None, 100).expect("read");
        assert_eq!(then.next, None);
        then.holds.iter().map(|hold| hold.id).collect()
    };
    for account in [cash(0), merchant()] {
        for (seconds, numbers) in [
            (-1, &[][..]),
            (0, &[]),
            (1, &[0]),
            (3, &[2, 1, 0]),
            (9, &[3, 2, 1, 0]),
            (10, &[3, 2, 1]),
            (19, &[3, 2, 1]),
            (20, &[3, 2]),
            (29, &[3, 2]),
            (30, &[3]),
            (1_000_000, &[3]),
        ] {
            let expected: Vec<_> = numbers.iter().map(|n| txn("hold", *n)).collect();
            assert_eq!(waited(account, seconds), expected, "at {seconds}");
        }
    }
    // How they ended since is told too.
    let then = book.holds_at(cash(0), after(9), None, 100).expect("read");
    assert_eq!(told(&then.holds), expected(Side::Debit));
    // In pages of two that are looked at.
    let first = book.holds_at(merchant(), after(19), None, 2).expect("read");
    let second = book.holds_at(merchant(), after(19), first.next, 2).expect("read");
    let third = book.holds_at(merchant(), after(19), second.next, 2).expect("read");
    let numbers = [first, second, third].map(|page| page.holds.len());
    assert_eq!(numbers, [2, 1, 0]);
}

#[test]
fn a_correction_is_found_from_what_it_corrects_without_an_order() {
    let disk = MemoryDisk::new();
    let book = open(&disk, &clock_at(START));
    furnish(&book, 1, 1_000);
    done(&book, transfer(txn("pay", 1), cash(0), merchant(), 60));
    let correct = |name, kind, debit, credit, minor| {
        let mut correction = transfer(txn(name, 1), debit, credit, minor);
        correction.corrects = Some(Correction { of: txn("pay", 1), kind });
        done(&book, correction);
    };
    correct("more", CorrectionKind::Supplement, cash(0), merchant(), 5);
    correct("back", CorrectionKind::Reversal, merchant(), cash(0), 60);
    let check = |book: &Bookkeeper| {
        let view = book.transaction(txn("pay", 1)).expect("read").expect("there");
        assert_eq!(view.transaction.order, None);
        let found: Vec<_> = view.corrected_by.iter().map(|c| (c.by, c.kind)).collect();
        let (more, back) = (CorrectionKind::Supplement, CorrectionKind::Reversal);
        assert_eq!(found, [(txn("more", 1), more), (txn("back", 1), back)]);
        for (by, _) in found {
            let correction = book.transaction(by).expect("read").expect("there");
            assert_eq!(correction.transaction.corrects.map(|c| c.of), Some(txn("pay", 1)));
        }
    };
    check(&book);
    drop(book);
    check(&open(&disk, &clock_at(START)));
}
