//! A state that is taken little by little, while the accounts in it go on changing.

use crate::support::{
    cash, chart, config, furnish, merchant, storage, ticking, transfer, txn, user, walk,
};
use bookkeeper::{Bookkeeper, IndexOptions, Storage};
use ledger::{Command, NewAccount, Owner};
use money::CNY;
use testkit::{MemoryDisk, SeededRandom};

/// More than are copied between two batches.
const ACCOUNTS: u64 = 17_000;
const FURNISHED: u64 = 200;
const BATCHES: u64 = 20;

fn open(disk: &MemoryDisk) -> Bookkeeper {
    let index = IndexOptions { fresh_entries: 250, background: true, ..IndexOptions::new(0) };
    let storage = Storage { index, states_of_journal: 0, ..storage(disk) };
    Bookkeeper::open_on(storage, config(), chart(), ticking()).expect("open")
}

#[test]
fn a_checkpoint_is_of_one_moment_however_long_it_takes() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, FURNISHED, 1_000);
    let chart = chart();
    let leaf = chart.role("customer_balance_1").expect("a role");
    let flags = chart.flags(leaf);
    let others: Vec<u64> = (FURNISHED..ACCOUNTS).collect();
    for part in others.chunks(4_000) {
        let account = |n: &u64| {
            let (id, owner) = (cash(*n), Owner::User(user(*n)));
            Command::OpenAccount(NewAccount { id, asset: CNY, leaf, owner, flags })
        };
        let outcomes = book.submit_blocking(part.iter().map(account).collect()).expect("submit");
        assert!(outcomes.iter().all(|outcome| outcome.receipt().is_ok()));
    }
    let random = SeededRandom::new(1);
    let mut paid = 0;
    for batch in 0..BATCHES {
        // The first and the last accounts, and any between.
        let payments = (0..40).map(|n| {
            let (from, to) = (cash(n % FURNISHED), cash(random.below(ACCOUNTS - 1) + 1));
            let to = if from == to { merchant() } else { to };
            Command::Transact(transfer(txn("pay", batch * 40 + n), from, to, 1))
        });
        let outcomes = book.submit_blocking(payments.collect()).expect("submit");
        paid += outcomes.iter().filter(|outcome| outcome.receipt().is_ok()).count();
    }
    assert!(paid > 750, "{paid}");
    // As a kill would leave it: a walk compares the state on the disk byte for byte.
    while !disk.paths().iter().any(|path| path.ends_with("index/manifest")) {
        std::thread::yield_now();
    }
    let killed = disk.copy();
    assert_eq!(walk(&killed).expect("a sound journal").index_agrees, Some(true));
    let hash = book.state_hash();
    assert_eq!(open(&killed).state_hash(), hash);
}
