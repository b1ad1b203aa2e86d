//! Opening, closing, refusing.

use crate::support::{
    START, amount, balance, block_debits, block_on, cash, chart, config, config_at, date, done,
    furnish, merchant, new_account, open, refusal, reserve, storage, ticking, transfer, try_open,
    txn,
};
use bookkeeper::{Bookkeeper, Error, MAX_COMMANDS, PostError};
use ledger::{Action, Command, Outcome, Owner, Posting, TransactionState};
use std::time::{Duration, Instant};
use testkit::{Fault, MemoryDisk, Survival, clock_at, moment};
use types::{BusinessDate, Problem, ProblemKind};

#[test]
fn a_new_book_has_the_houses_accounts_once() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    let accounts = chart().house_accounts();
    assert!(accounts.iter().all(|a| book.account(a.id).is_some()));
    let seq = book.seq();
    assert_eq!(seq, accounts.len() as u64);
    drop(book);
    assert_eq!(open(&disk).seq(), seq, "nothing is opened twice");
}

#[test]
fn futures_run_on_any_executor_and_give_the_outcomes_of_their_own_commands() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 2, 1_000);
    let first = transfer(txn("pay", 1), cash(0), merchant(), 600);
    let second = transfer(txn("pay", 2), cash(0), merchant(), 600);
    let both = vec![Command::Transact(first.clone()), Command::Transact(second)];
    let answer = book.submit(both);
    let outcomes = block_on(answer).expect("submit");
    assert_eq!(outcomes.len(), 2);
    let receipt = outcomes[0].receipt().expect("posted");
    assert_eq!(receipt.state, TransactionState::Posted);
    assert_eq!(refusal(outcomes[1]).code(), "insufficient_available");
    assert_eq!(block_on(book.post(first)), Ok(receipt), "exists counts as posted");
    let other = transfer(txn("pay", 1), cash(1), merchant(), 600);
    let refused = block_on(book.post(other)).expect_err("another body under the same id");
    assert!(matches!(refused, PostError::Refused(_)) && refused.code() == "id_conflict");
}

#[test]
fn a_dropped_future_takes_nothing_back() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    let pay = transfer(txn("pay", 1), cash(0), merchant(), 600);
    drop(book.submit(vec![Command::Transact(pay)]));
    drop(book);
    assert_eq!(balance(&open(&disk), merchant()), 600);
}

#[test]
fn a_second_opener_is_refused_until_the_first_closes() {
    let place = tempfile::tempdir().expect("a directory");
    let open = || Bookkeeper::open(config_at(place.path()), chart(), ticking());
    let first = open().expect("open");
    let second = open().expect_err("refused");
    assert_eq!(second.code(), "journal_locked", "{second}");
    first.close();
    let again = open().expect("free again");
    furnish(&again, 1, 5);
    let late = first.submit_blocking(Vec::new()).expect_err("closed");
    assert_eq!(late.code(), "book_stopped");
    assert_eq!(block_on(first.submit(Vec::new())).expect_err("closed"), late);
    assert_eq!(first.standing(), Err(late));
    drop(again);
    assert_eq!(balance(&open().expect("open"), cash(0)), 5);
}

#[test]
fn a_closed_date_is_refused_and_the_open_one_is_kept_over_openings() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    let (monday, tuesday) = (date("2026-10-12"), date("2026-10-13"));
    let cut = Command::CutDay { closing: monday, opening: tuesday };
    let outcome = book.submit_blocking(vec![cut]).expect("submit")[0];
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    drop(book);
    // The date of the configuration is that of a new book only.
    let book = open(&disk);
    assert_eq!(book.open_date(), tuesday);
    let dated = |number, date: Option<BusinessDate>| {
        let mut pay = transfer(txn("pay", number), cash(0), merchant(), 1);
        pay.date = date;
        book.post_blocking(pay)
    };
    assert_eq!(dated(1, Some(monday)).expect_err("closed").code(), "date_closed");
    assert_eq!(dated(2, Some(tuesday)).map(|receipt| receipt.date), Ok(tuesday));
    assert_eq!(dated(3, None).map(|receipt| receipt.date), Ok(tuesday));
}

#[test]
fn too_much_at_once_is_refused_and_nothing_of_it_taken() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    let seq = book.seq();
    let blocks: Vec<Command> =
        (0..=MAX_COMMANDS as u64).map(|n| block_debits(cash(0), n)).collect();
    let refused = book.submit_blocking(blocks).expect_err("too many commands");
    assert_eq!(Problem::from(refused).kind, ProblemKind::Invalid);
    let mut payroll = transfer(txn("payroll", 1), cash(0), merchant(), 1);
    payroll.postings = vec![Posting::exact(cash(0), merchant(), amount(1)); 300_000];
    let refused = block_on(book.submit(vec![Command::Transact(payroll)])).expect_err("too large");
    assert_eq!(refused.code(), "book_submission_too_large");
    assert_eq!(book.seq(), seq);
}

#[test]
fn after_a_failed_sync_nothing_is_taken_and_everything_can_be_read() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    let seq = book.seq();
    disk.plan(Fault::FailSync(1));
    let pay = transfer(txn("pay", 1), cash(0), merchant(), 600);
    let failed = book.post_blocking(pay.clone()).expect_err("the sync failed");
    assert_eq!(failed.code(), "book_stopped");
    let again = book.post_blocking(pay.clone()).expect_err("fail-stop");
    assert!(Problem::from(again).retryable());
    assert!(book.standing().is_err());
    // What readers see is what was acknowledged.
    assert_eq!((book.seq(), balance(&book, cash(0))), (seq, 1_000));
    drop(book);
    disk.restart(Survival::Nothing);
    let book = open(&disk);
    assert_eq!((book.seq(), balance(&book, cash(0))), (seq, 1_000));
    done(&book, pay);
}

#[test]
fn nothing_shows_before_it_is_on_the_disk_and_readers_do_not_wait_for_it() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    furnish(&book, 1, 1_000);
    disk.slow_syncs(Duration::from_millis(600));
    let pay = transfer(txn("pay", 1), cash(0), merchant(), 600);
    let answer = book.submit(vec![Command::Transact(pay)]);
    let asked = Instant::now();
    let mut looks = 0;
    while asked.elapsed() < Duration::from_millis(300) {
        assert_eq!(balance(&book, cash(0)), 1_000);
        assert!(book.transaction(txn("pay", 1)).expect("read").is_none());
        looks += 1;
    }
    assert!(looks > 10, "only {looks} reads while the disk was busy");
    block_on(answer).expect("submit")[0].receipt().expect("posted");
    assert_eq!(balance(&book, cash(0)), 400);
}

#[test]
fn time_in_the_book_goes_forward_even_if_the_clock_does_not() {
    let disk = MemoryDisk::new();
    let open = |at| Bookkeeper::open_on(storage(&disk), config(), chart(), clock_at(at));
    let book = open(START).expect("open");
    furnish(&book, 1, 1_000);
    let receipts: Vec<_> =
        (0..5).map(|n| done(&book, transfer(txn("pay", n), cash(0), merchant(), 1))).collect();
    assert!(receipts.windows(2).all(|pair| pair[0].at < pair[1].at && pair[0].seq < pair[1].seq));
    drop(book);
    // Opened again with a clock that went back.
    let book = open("2026-10-11T08:00:00+08:00").expect("open");
    let late = done(&book, transfer(txn("pay", 9), cash(0), merchant(), 1));
    assert!(late.at > receipts[4].at);
}

#[test]
fn holds_run_out_by_the_books_own_clock_and_the_same_after_reopening() {
    let disk = MemoryDisk::new();
    let clock = clock_at(START);
    let open = || Bookkeeper::open_on(storage(&disk), config(), chart(), clock.clone());
    let book = open().expect("open");
    furnish(&book, 1, 1_000);
    let mut hold = transfer(txn("hold", 1), cash(0), merchant(), 600);
    let start = moment(START);
    hold.action = Action::Hold { expires_at: Some(start.plus_seconds(60)) };
    done(&book, hold);
    assert_eq!(book.account(cash(0)).expect("there").available(), 400);
    clock.advance_to(start.plus_seconds(61));
    // Time passes with the next batch, even an empty one.
    book.submit_blocking(Vec::new()).expect("submit");
    let expired = |book: &Bookkeeper| {
        let state = book.transaction(txn("hold", 1)).expect("read").expect("there").state;
        (state, book.account(cash(0)).expect("there").available())
    };
    assert_eq!(expired(&book), (TransactionState::Expired, 1_000));
    let hash = book.state_hash();
    drop(book);
    let book = open().expect("open");
    assert_eq!(expired(&book), (TransactionState::Expired, 1_000));
    assert_eq!(book.state_hash(), hash);
}

#[test]
fn a_machine_that_dies_while_the_book_is_made_leaves_one_that_opens() {
    for sync in 1..8 {
        let disk = MemoryDisk::new();
        disk.plan(Fault::DieAtSync(sync));
        drop(try_open(&disk));
        disk.restart(Survival::Nothing);
        let book = open(&disk);
        assert_eq!(book.seq(), chart().house_accounts().len() as u64, "sync {sync}");
    }
}

#[test]
fn errors_speak_both_languages_and_keep_their_codes() {
    let disk = MemoryDisk::new();
    let book = open(&disk);
    let unknown = new_account(cash(9), "customer_balance_1", Owner::House);
    let outcomes = book.submit_blocking(vec![unknown.clone(), unknown]).expect("submit");
    assert!(matches!(outcomes[..], [Outcome::Done(_), Outcome::Exists(_)]), "{outcomes:?}");
    let poor = book
        .post_blocking(transfer(txn("pay", 1), cash(9), reserve(), 1))
        .expect_err("there is nothing");
    assert_eq!(Problem::from(poor).code, "insufficient_available");
    for error in [
        Error::Overloaded { limit: 3, what: "submissions" },
        Error::Stopped { reason: "x".to_owned() },
        Error::NoBook { dir: "/d".to_owned() },
        Error::Diverged { sequence: 1, recorded: 2, replayed: 3 },
    ] {
        let problem = Problem::from(error.clone());
        assert_eq!(problem.code, error.code());
        assert!(!problem.reason.zh.is_ascii() && problem.reason.en == error.to_string());
    }
}
