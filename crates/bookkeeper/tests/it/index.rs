//! The past on disk: every read crosses memory, runs and volumes, and says what it always said.

use crate::support::{
    DISKS, START, block_debits, cash, chart, config, date, furnish, merchant, new_account, order,
    reserve, storage, ticking, transfer, txn, user, walk,
};
use bookkeeper::{Bookkeeper, Entry, Error, Hold, IndexOptions, Storage, TransactionView};
use ledger::{Account, Action, Command, Owner, Posting, Transaction};
use std::path::PathBuf;
use testkit::{Fault, MemoryDisk, SeededRandom, Survival, moment};
use types::{AccountId, Problem, Timestamp};

pub(crate) const CUSTOMERS: u64 = 4;
/// Microseconds.
const TICK: u64 = 1;

/// So little stays in memory that a few dozen transactions make many runs, merges and checkpoints.
pub(crate) fn crowded(disk: &MemoryDisk, background: bool) -> Storage {
    let index = IndexOptions { fresh_entries: 9, background, ..IndexOptions::new(0) };
    Storage { index, states_of_journal: 0, ..storage(disk) }
}

fn open(storage: Storage) -> Result<Bookkeeper, Error> {
    Bookkeeper::open_on(storage, config(), chart(), ticking())
}

/// A moment of the ticking clock.
fn at_tick(number: u64) -> Timestamp {
    moment(START).plus_micros(i64::try_from(number * TICK).expect("small"))
}

/// The `number`-th step of a history that has everything a reader is shown.
fn step(number: u64, random: &SeededRandom) -> Transaction {
    let customer = cash(random.below(CUSTOMERS));
    let mut step = transfer(txn("step", number), customer, merchant(), random.below(5) + 1);
    step.order = (!number.is_multiple_of(3)).then(|| order(number / 4));
    let ends = txn("step", number.saturating_sub(random.below(12) + 1));
    match random.below(8) {
        0 => step.action = Action::Hold { expires_at: None },
        1 => {
            let expires_at = Some(at_tick(number / 5 + 9));
            step.action = Action::Hold { expires_at };
        }
        2 => (step.action, step.postings) = (Action::PostHold { hold: ends }, Vec::new()),
        3 => (step.action, step.postings) = (Action::VoidHold { hold: ends }, Vec::new()),
        4 => step.postings.push(Posting::exact(reserve(), cash(0), step.postings[0].amount)),
        5 => step.id = ends,
        _ => {}
    }
    step
}

/// Plays the steps in submissions of a few; how many were answered.
pub(crate) fn play(book: &Bookkeeper, steps: std::ops::Range<u64>) -> u64 {
    let all: Vec<u64> = steps.clone().collect();
    for part in all.chunks(5) {
        let commands = part.iter().map(|n| Command::Transact(step(*n, &SeededRandom::new(*n))));
        if book.submit_blocking(commands.collect()).is_err() {
            return part[0];
        }
    }
    steps.end
}

/// Everything a reader can ask for.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    entries: Vec<Vec<Entry>>,
    backwards: Vec<Vec<Entry>>,
    balances: Vec<Option<i128>>,
    transactions: Vec<TransactionView>,
    single: Vec<Option<TransactionView>>,
    orders: Vec<Vec<TransactionView>>,
    holds: Vec<Vec<Hold>>,
    accounts: [Vec<Account>; 2],
    hash: [u8; 32],
}

type Read<T> = Result<T, Error>;

fn paged<T>(mut page: impl FnMut(Option<&T>) -> Read<Vec<T>>) -> Read<Vec<T>> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let more = page(all.last())?;
        if more.is_empty() {
            return Ok(all);
        }
        all.extend(more);
    }
}

pub(crate) fn tell(book: &Bookkeeper, steps: u64) -> Told {
    try_tell(book, steps).expect("read")
}

fn try_tell(book: &Bookkeeper, steps: u64) -> Read<Told> {
    let ids = || (0..CUSTOMERS).map(cash).chain([merchant(), reserve()]);
    let moments: Vec<Timestamp> = (0..120).step_by(7).map(at_tick).collect();
    Ok(Told {
        entries: ids()
            .map(|id| paged(|l: Option<&Entry>| book.entries(id, l.map(|e| e.seq), 7)))
            .collect::<Read<_>>()?,
        backwards: ids()
            .map(|id| paged(|l: Option<&Entry>| book.latest_entries(id, l.map(|e| e.seq), 5)))
            .collect::<Read<_>>()?,
        balances: ids()
            .flat_map(|id| moments.iter().map(move |at| (id, *at)))
            .map(|(id, at)| book.balance_at(id, at))
            .collect::<Read<_>>()?,
        transactions: paged(|l: Option<&TransactionView>| book.transactions(l.map(|t| t.seq), 9))?,
        single: (0..steps).map(|n| book.transaction(txn("step", n))).collect::<Read<_>>()?,
        orders: (0..=steps / 4).map(|n| book.transactions_of(order(n))).collect::<Read<_>>()?,
        holds: ids().map(|id| book.holds(id)).collect::<Read<_>>()?,
        accounts: [
            book.accounts_of_leaf(chart().role("customer_balance_1").expect("a role"))?,
            book.accounts_of(Owner::User(user(1)))?,
        ],
        hash: book.state_hash(),
    })
}

/// A book whose past lies in memory alone, after this many steps.
fn from_memory(steps: u64) -> Told {
    let book = open(storage(&MemoryDisk::new())).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    play(&book, 0..steps);
    tell(&book, steps)
}

/// Moments are those of the clock, so they are left out where histories were interrupted.
fn hash_without_times(mut told: Told) -> Told {
    told.hash = [0; 32];
    told
}

#[test]
fn what_is_told_does_not_depend_on_where_the_past_lies() {
    const STEPS: u64 = 230;
    let expected = from_memory(STEPS);
    assert!(expected.holds.iter().any(|holds| holds.len() > 3), "there are holds");
    for background in [false, true] {
        let disk = MemoryDisk::new();
        let book = open(crowded(&disk, background)).expect("open");
        furnish(&book, CUSTOMERS, 1_000);
        play(&book, 0..STEPS);
        assert_eq!(tell(&book, STEPS), expected);
        drop(book);
        let book = open(crowded(&disk, background)).expect("open");
        assert_eq!(tell(&book, STEPS), expected, "after reopening");
        drop(book);
        let files = index_files(&disk);
        let runs = files.iter().filter(|path| path.extension().is_some_and(|end| end == "ids"));
        let runs = runs.count();
        assert!((2..9).contains(&runs), "several runs, merged of many more: {files:?}");
    }
}

fn index_files(disk: &MemoryDisk) -> Vec<PathBuf> {
    let inside = |path: &PathBuf| path.starts_with(config().dir.join("index"));
    disk.paths().into_iter().filter(inside).collect()
}

#[test]
fn a_damaged_or_missing_index_is_built_anew_and_never_wrong() {
    const STEPS: u64 = 60;
    let disk = MemoryDisk::new();
    let book = open(crowded(&disk, false)).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    play(&book, 0..STEPS);
    let expected = tell(&book, STEPS);
    drop(book);
    let mut unseen = 0;
    for path in index_files(&disk) {
        let bytes = disk.bytes(&path).expect("there");
        let flips = (0..bytes.len()).step_by(311).map(Some);
        for flip in flips.chain([None]) {
            let copy = disk.copy();
            let what = format!("{} at {flip:?}", path.display());
            match flip {
                Some(byte) => copy.flip_bit(&path, byte * 8 + byte % 8).expect("flip"),
                None => journal::Files::remove(&copy, &path).expect("remove"),
            }
            let book = open(crowded(&copy, false)).unwrap_or_else(|e| panic!("{what}: {e}"));
            match try_tell(&book, STEPS) {
                Ok(told) => {
                    assert_eq!(told, expected, "{what}");
                    unseen += 1;
                    continue;
                }
                // Found while it was read: nothing more is taken, and the next opening mends it.
                Err(error) => is_named(&error, &what),
            }
            assert!(book.standing().is_err(), "{what}");
            drop(book);
            let book = open(crowded(&copy, false)).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(tell(&book, STEPS), expected, "{what}");
        }
    }
    assert!(unseen > 0);
}

/// The fault has a stable code and a sentence in both languages.
fn is_named(error: &Error, what: &str) {
    assert_eq!(error.code(), "archive_corrupt", "{what}: {error}");
    let problem = Problem::from(error.clone());
    assert_eq!(problem.code, "archive_corrupt", "{what}");
    assert!(problem.reason.zh.starts_with("账本索引出错"), "{what}: {}", problem.reason.zh);
}

#[test]
fn a_bit_that_flips_under_an_open_book_is_a_named_fault_and_no_wrong_answer() {
    const STEPS: u64 = 60;
    let disk = MemoryDisk::new();
    let book = open(crowded(&disk, false)).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    play(&book, 0..STEPS);
    let expected = tell(&book, STEPS);
    drop(book);
    let mut named = 0;
    for path in index_files(&disk) {
        for byte in (0..disk.bytes(&path).expect("there").len()).step_by(173) {
            let copy = disk.copy();
            let what = format!("{} at {byte}", path.display());
            let book = open(crowded(&copy, false)).unwrap_or_else(|e| panic!("{what}: {e}"));
            copy.flip_bit(&path, byte * 8 + byte % 8).expect("flip");
            match try_tell(&book, STEPS) {
                Ok(told) => assert_eq!(told, expected, "{what}"),
                Err(error) => {
                    named += 1;
                    is_named(&error, &what);
                    // Accounts are in memory and still told; nothing more is taken.
                    assert_eq!(book.account(cash(1)).map(|found| found.id), Some(cash(1)));
                    let refused = book.submit_blocking(vec![block_debits(cash(1), 9)]);
                    assert_eq!(refused.expect_err("stopped").code(), "book_stopped", "{what}");
                    drop(book);
                    let book = open(crowded(&copy, false)).expect("built anew");
                    assert_eq!(tell(&book, STEPS), expected, "{what}");
                }
            }
        }
    }
    assert!(named > 10, "{named} faults");
}

/// Plays until the machine dies, opens again, and goes on to the end. Whether it died.
fn die_and_go_on(make: fn() -> MemoryDisk, fault: Fault, survival: Survival) -> bool {
    const STEPS: u64 = 40;
    let what = format!("{fault:?}, {survival:?}");
    let disk = make();
    let book = open(crowded(&disk, false)).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    disk.plan(fault);
    let answered = play(&book, 0..STEPS);
    let died = book.standing().is_err();
    drop(book);
    disk.restart(survival);
    let book = open(crowded(&disk, false)).unwrap_or_else(|e| panic!("{what}: {e}"));
    let posted = book.transactions(None, 1_000).expect("read").len() as u64;
    assert!(book.prove().hold(), "{what}");
    play(&book, answered..STEPS);
    assert!(book.transactions(None, 1_000).expect("read").len() as u64 >= posted, "{what}");
    let told = hash_without_times(tell(&book, STEPS));
    let chain = book.state_hash();
    drop(book);
    // The same as a book that replays everything.
    for path in index_files(&disk) {
        journal::Files::remove(&disk, &path).expect("remove");
    }
    let book = open(crowded(&disk, false)).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(book.state_hash(), chain, "{what}");
    assert_eq!(hash_without_times(tell(&book, STEPS)), told, "{what}");
    died
}

#[test]
fn a_death_at_any_sync_of_a_checkpoint_loses_and_doubles_nothing() {
    for make in DISKS {
        let mut sync = 1;
        while die_and_go_on(make, Fault::DieAtSync(sync), Survival::Nothing) {
            die_and_go_on(make, Fault::DieAtSync(sync), Survival::Sectors(sync));
            die_and_go_on(make, Fault::FailSync(sync), Survival::Nothing);
            sync += 1;
        }
        assert!(sync > 25, "only {sync} syncs");
    }
}

#[test]
fn a_death_in_any_write_of_a_checkpoint_loses_and_doubles_nothing() {
    for make in DISKS {
        let mut bytes = 0;
        while die_and_go_on(make, Fault::DieAfterBytes(bytes), Survival::Everything) {
            die_and_go_on(make, Fault::DieAfterBytes(bytes), Survival::Sectors(bytes));
            bytes += 1_711;
        }
        assert!(bytes > 15_000, "only {bytes} bytes");
    }
}

/// What has an id and a receipt, and is no transaction.
fn every_other_command(book: &Bookkeeper) {
    let source = AccountId::of(&[b"channel"]);
    let (closing, opening) = (date("2026-10-12"), date("2026-10-13"));
    let settled = Command::Settle { id: txn("settle", 1), source, through: closing, reference: 0 };
    let commands = vec![
        new_account(source, "channel_receivable", Owner::Channel(1)),
        block_debits(cash(1), 1),
        Command::CutDay { closing, opening },
        settled,
    ];
    for outcome in book.submit_blocking(commands).expect("submit") {
        outcome.receipt().expect("no reason to refuse");
    }
}

#[test]
fn verify_compares_what_the_index_claims_with_the_journal() {
    let agrees = |disk: &MemoryDisk| {
        let found = walk(disk).expect("a sound journal");
        assert_eq!(found.holds(), found.index_agrees != Some(false));
        found.index_agrees
    };
    let disk = MemoryDisk::new();
    let book = open(crowded(&disk, false)).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    assert_ne!(agrees(&disk), Some(false), "of a book that is open");
    play(&book, 0..60);
    every_other_command(&book);
    drop(book);
    assert_eq!(agrees(&disk), Some(true));
    for path in index_files(&disk) {
        let length = disk.bytes(&path).expect("there").len();
        for byte in (0..length).step_by(211) {
            let copy = disk.copy();
            copy.flip_bit(&path, byte * 8).expect("flip");
            assert_eq!(agrees(&copy), Some(false), "{} at {byte}", path.display());
        }
    }
    // The sound index of another book.
    let other = MemoryDisk::new();
    let book = open(crowded(&other, false)).expect("open");
    furnish(&book, CUSTOMERS, 1_000);
    play(&book, 1..61);
    let expected = tell(&book, 60);
    drop(book);
    for path in index_files(&other) {
        journal::Files::remove(&other, &path).expect("remove");
    }
    for path in index_files(&disk) {
        journal::Files::create(&other, &path).expect("create");
        other.set_bytes(&path, &disk.bytes(&path).expect("there")).expect("copy");
    }
    assert_eq!(agrees(&other), Some(false));
    let book = open(crowded(&other, false)).expect("the journal counts");
    assert_eq!(tell(&book, 60), expected);
    drop(book);
    assert_eq!(agrees(&other), Some(true));
}
