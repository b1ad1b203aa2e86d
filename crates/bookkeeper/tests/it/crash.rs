//! What was acknowledged is there after any crash, and nothing is there twice.

use crate::support::{DISKS, balance, cash, furnish, merchant, open, transfer, try_open, txn};
use bookkeeper::Bookkeeper;
use ledger::{Command, TransactionState};
use testkit::{Fault, MemoryDisk, SeededRandom, Survival};

const PAYMENTS: u64 = 24;

/// Pays one fen after another in submissions of 1 to 3; how many were acknowledged.
fn pay(book: &Bookkeeper, random: &SeededRandom) -> u64 {
    let mut next = 0;
    while next < PAYMENTS {
        let size = (random.below(3) + 1).min(PAYMENTS - next);
        let commands = (next..next + size)
            .map(|n| Command::Transact(transfer(txn("pay", n), cash(0), merchant(), 1)))
            .collect();
        let Ok(outcomes) = book.submit_blocking(commands) else { return next };
        assert!(outcomes.iter().all(|o| o.receipt().is_ok()));
        next += size;
    }
    next
}

fn furnished(make: fn() -> MemoryDisk) -> MemoryDisk {
    let disk = make();
    furnish(&open(&disk), 1, 1_000);
    disk
}

fn crash_and_recover(round: u64, fault: Fault, survival: Survival) {
    for make in DISKS {
        crash_on(make, (round, fault, survival));
    }
}

fn crash_on(make: fn() -> MemoryDisk, (round, fault, survival): (u64, Fault, Survival)) {
    let what = format!("round {round}, {fault:?}, {survival:?}");
    let disk = furnished(make);
    let book = open(&disk);
    disk.plan(fault);
    let acknowledged = pay(&book, &SeededRandom::new(round));
    let seen = balance(&book, merchant());
    drop(book);
    disk.restart(survival);

    let book = try_open(&disk).unwrap_or_else(|e| panic!("{what}: {e}"));
    let kept = (0..PAYMENTS)
        .take_while(|n| book.transaction(txn("pay", *n)).expect("read").is_some())
        .count();
    let kept = kept as u64;
    assert!(kept >= acknowledged, "{what}: {acknowledged} acknowledged, {kept} kept");
    assert!(seen <= i128::from(kept), "{what}: readers saw what is gone");
    assert_eq!(balance(&book, merchant()), i128::from(kept), "{what}: once each");
    assert!(book.prove().hold(), "{what}");

    // Everybody sends everything again.
    assert_eq!(pay(&book, &SeededRandom::new(round + 1)), PAYMENTS, "{what}");
    assert_eq!(balance(&book, merchant()), i128::from(PAYMENTS), "{what}");
    assert_eq!(book.entries(merchant(), None, 100).expect("read").len() as u64, PAYMENTS, "{what}");
    let hash = book.state_hash();
    drop(book);
    assert_eq!(open(&disk).state_hash(), hash, "{what}");
}

#[test]
fn a_death_at_any_sync_loses_nothing_acknowledged_and_doubles_nothing() {
    for sync in 1..16 {
        for survival in [Survival::Nothing, Survival::Everything, Survival::Sectors(sync)] {
            crash_and_recover(sync, Fault::DieAtSync(sync), survival);
        }
    }
}

#[test]
fn a_death_in_the_middle_of_any_write_loses_nothing_acknowledged_and_doubles_nothing() {
    for round in 0..60 {
        let fault = Fault::DieAfterBytes(round * 67);
        crash_and_recover(round, fault, Survival::Everything);
        crash_and_recover(round, fault, Survival::Sectors(round));
    }
}

#[test]
fn a_failed_sync_or_write_loses_nothing_acknowledged_and_doubles_nothing() {
    for round in 0..12 {
        crash_and_recover(round, Fault::FailSync(round % 5 + 1), Survival::Nothing);
        let fault = Fault::FailWriteAfterBytes(round * 301);
        crash_and_recover(round, fault, Survival::Everything);
    }
}

#[test]
fn what_was_sent_again_after_reopening_gives_its_first_receipt() {
    let disk = furnished(MemoryDisk::cached_only);
    let book = open(&disk);
    let payment = transfer(txn("pay", 1), cash(0), merchant(), 5);
    let first = book.post_blocking(payment.clone()).expect("posted");
    drop(book);
    let book = open(&disk);
    assert_eq!(book.post_blocking(payment.clone()), Ok(first));
    let mut other = payment;
    other.reference = 1;
    assert_eq!(book.post_blocking(other).expect_err("another body").code(), "id_conflict");
    let view = book.transaction(txn("pay", 1)).expect("read").expect("there");
    assert_eq!((view.state, view.seq), (TransactionState::Posted, first.seq));
}
