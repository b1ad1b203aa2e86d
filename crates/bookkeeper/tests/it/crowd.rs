//! Many callers at once.

use crate::support::{
    balance, block_debits, block_on, cash, furnish, merchant, open, transfer, txn,
};
use bookkeeper::{Bookkeeper, Error, MAX_WAITING};
use ledger::{Command, Outcome};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::MemoryDisk;

fn pay(book: &Bookkeeper, thread: u64, n: u64) -> Result<u64, bookkeeper::PostError> {
    let pay = transfer(txn("pay", thread * 1_000_000 + n), cash(thread), merchant(), 1);
    let receipt =
        if n.is_multiple_of(2) { book.post_blocking(pay) } else { block_on(book.post(pay)) };
    receipt.map(|receipt| receipt.seq)
}

#[test]
fn sixteen_threads_paying_one_by_one_share_syncs_and_lose_nothing() {
    const THREADS: u64 = 16;
    const EACH: u64 = 200;
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, THREADS, EACH);
    disk.slow_syncs(Duration::from_millis(1));
    let syncs = disk.syncs();
    let seqs: Vec<u64> = std::thread::scope(|scope| {
        let book = &book;
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    (0..EACH).map(|n| pay(book, thread, n).expect("posted")).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let posted = THREADS * EACH;
    assert_eq!(seqs.iter().collect::<BTreeSet<_>>().len() as u64, posted);
    assert_eq!(balance(&book, merchant()), i128::from(posted));
    assert!(disk.syncs() - syncs < posted / 2, "{} syncs", disk.syncs() - syncs);
    let hash = book.state_hash();
    drop(book);
    assert_eq!(open(&disk).state_hash(), hash);
}

/// Pays from account 0 until a payment that was sent after the freeze was seen is refused; the
/// sequence numbers of what was posted.
fn pay_until_frozen(book: &Bookkeeper, thread: u64, frozen: &AtomicBool) -> Vec<u64> {
    let mut posted = Vec::new();
    for n in 0.. {
        // Looked at before the payment is sent: from here on it must fail.
        let after = frozen.load(Ordering::SeqCst);
        let id = txn("pay", thread * 1_000_000 + n);
        match book.post_blocking(transfer(id, cash(0), merchant(), 1)) {
            Ok(_) if after => panic!("a payment slipped through"),
            Ok(receipt) => posted.push(receipt.seq),
            Err(refused) => {
                assert_eq!(refused.code(), "debits_blocked");
                if after {
                    break;
                }
            }
        }
    }
    posted
}

#[test]
fn nothing_is_taken_from_a_hot_account_after_its_freeze_is_acknowledged() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000_000_000);
    disk.slow_syncs(Duration::from_micros(300));
    let frozen = AtomicBool::new(false);
    let (freeze, posted) = std::thread::scope(|scope| {
        let (book, frozen) = (&book, &frozen);
        let threads: Vec<_> = (0..32)
            .map(|thread| scope.spawn(move || pay_until_frozen(book, thread, frozen)))
            .collect();
        std::thread::sleep(Duration::from_millis(50));
        let outcome = book.submit_blocking(vec![block_debits(cash(0), 1)]).expect("submit")[0];
        frozen.store(true, Ordering::SeqCst);
        let posted: Vec<u64> =
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();
        (outcome.receipt().expect("set"), posted)
    });
    assert!(!posted.is_empty() && posted.iter().all(|seq| *seq < freeze.seq));
    assert_eq!(balance(&book, merchant()), posted.len() as i128);
    assert_eq!(book.seq(), freeze.seq, "nothing took effect after it");
}

#[test]
fn the_commands_of_one_submission_stay_together() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 8, 1_000);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let book = &book;
            scope.spawn(move || {
                for n in 0..20 {
                    submit_five(book, thread, n);
                }
            });
        }
    });
}

fn submit_five(book: &Bookkeeper, thread: u64, n: u64) {
    let commands = (0..5)
        .map(|step| {
            let id = txn("pay", thread * 1_000 + n * 10 + step);
            Command::Transact(transfer(id, cash(thread), merchant(), 1))
        })
        .collect();
    let outcomes = book.submit_blocking(commands).expect("submit");
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Done(_))), "{outcomes:?}");
    let seqs: Vec<u64> = outcomes.iter().filter_map(|o| Some(o.receipt().ok()?.seq)).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{seqs:?}");
}

#[test]
fn when_too_many_wait_the_next_is_told_so_and_nobody_else_is_lost() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000_000);
    disk.slow_syncs(Duration::from_secs(2));
    let mut answers = Vec::new();
    for n in 0..2 * MAX_WAITING as u64 {
        let pay = Command::Transact(transfer(txn("pay", n), cash(0), merchant(), 1));
        answers.push(book.submit(vec![pay]));
    }
    disk.slow_syncs(Duration::ZERO);
    let answers: Vec<_> = answers.into_iter().map(block_on).collect();
    let shed = answers
        .iter()
        .filter(|a| **a == Err(Error::Overloaded { limit: MAX_WAITING, what: "submissions" }));
    let (shed, taken) = (shed.count(), answers.iter().filter(|a| a.is_ok()).count());
    assert!(shed > 0 && taken >= MAX_WAITING, "{shed} shed, {taken} taken");
    assert_eq!(shed + taken, answers.len());
    assert_eq!(balance(&book, merchant()), taken as i128);
}
