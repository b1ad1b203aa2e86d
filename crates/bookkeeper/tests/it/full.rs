//! Disks that fill and syncs that fail, under the journal and under the checkpoints of the index:
//! the book stands still, nobody is told what is not on the disk, and the next opening is clean.

use crate::support::{
    DISKS, balance, cash, chart, config, furnish, merchant, storage, ticking, transfer, txn, walk,
};
use bookkeeper::{Bookkeeper, Error, IndexOptions, Storage};
use ledger::Command;
use testkit::{Fault, MemoryDisk, Survival};

pub(crate) const PAYMENTS: u64 = 60;

/// So little stays in memory that a few payments make a run and a checkpoint; segments so short
/// that the journal grows too.
fn crowded(disk: &MemoryDisk, background: bool) -> Storage {
    let index = IndexOptions { fresh_entries: 9, background, ..IndexOptions::new(0) };
    Storage { index, states_of_journal: 0, segment_bytes: 8 << 10, ..storage(disk) }
}

fn open(disk: &MemoryDisk, background: bool) -> Result<Bookkeeper, Error> {
    Bookkeeper::open_on(crowded(disk, background), config(), chart(), ticking())
}

/// Pays one fen after another; how many were acknowledged. The first failure is the last answer.
pub(crate) fn pay(book: &Bookkeeper) -> u64 {
    for number in 0..PAYMENTS {
        let payment = transfer(txn("pay", number), cash(0), merchant(), 1);
        if book.submit_blocking(vec![Command::Transact(payment.clone())]).is_err() {
            let standing = book.standing().expect_err("it says that it stands still");
            let again = book.submit_blocking(vec![Command::Transact(payment)]);
            assert_eq!(again.expect_err("fail-stop").code(), standing.code());
            return number;
        }
    }
    PAYMENTS
}

/// Pays until the fault strikes, then opens again on the mended disk. Whether it struck.
fn fail_and_go_on(make: fn() -> MemoryDisk, background: bool, fault: Fault) -> bool {
    let disk = make();
    let what = format!("{fault:?}, background {background}");
    let book = open(&disk, background).expect("open");
    furnish(&book, 1, 1_000);
    disk.plan(fault);
    let acknowledged = pay(&book);
    let seen = balance(&book, merchant());
    let struck = book.standing().is_err();
    drop(book);
    match fault {
        // Whoever took the failed sync for done is found out by a power cut.
        Fault::FailSync(_) => disk.restart(Survival::Nothing),
        _ => disk.clear_faults(),
    }

    let found = walk(&disk);
    assert!(found.unwrap_or_else(|e| panic!("{what}: {e}")).holds(), "{what}");
    let book = open(&disk, background).unwrap_or_else(|e| panic!("{what}: {e}"));
    let kept = (0..PAYMENTS)
        .filter(|n| book.transaction(txn("pay", *n)).expect("read").is_some())
        .count() as u64;
    assert!((acknowledged..=acknowledged + 1).contains(&kept), "{what}: {acknowledged}, {kept}");
    assert!(seen <= i128::from(kept), "{what}: readers saw what is gone");
    assert_eq!(balance(&book, merchant()), i128::from(kept), "{what}");
    assert_eq!(pay(&book), PAYMENTS, "{what}: there is room again");
    assert_eq!(balance(&book, merchant()), i128::from(PAYMENTS), "{what}: once each");
    drop(book);
    let found = walk(&disk);
    assert!(found.expect("a sound book").holds(), "{what}");
    struck
}

#[test]
fn a_disk_that_fills_at_any_byte_stops_the_book_and_nothing_is_lost() {
    for make in DISKS {
        let mut room = 0;
        while fail_and_go_on(make, false, Fault::FullAfterBytes(room)) {
            room += 709;
        }
        assert!(room > 15_000, "journal and checkpoints take more than {room} bytes");
    }
}

/// A segment that cannot be made ahead is made when it is needed: such a sync stops nothing.
#[test]
fn a_sync_that_fails_anywhere_loses_nothing_and_stops_the_book_where_it_counts() {
    for make in DISKS {
        let stopped =
            (1..=110).filter(|sync| fail_and_go_on(make, false, Fault::FailSync(*sync))).count();
        assert!(stopped as u64 > PAYMENTS, "{stopped}: each payment's own, and the checkpoints'");
    }
}

/// Where a fault strikes is then a matter of chance; what must hold is the same.
#[test]
fn a_checkpoint_that_fails_in_the_background_loses_nothing() {
    for make in DISKS {
        for round in 0..30 {
            fail_and_go_on(make, true, Fault::FullAfterBytes(round * 1_777));
            fail_and_go_on(make, true, Fault::FailSync(round * 3 + 1));
        }
    }
}
