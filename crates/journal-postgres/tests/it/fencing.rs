//! A writer that was deposed without knowing is fenced off by the database.

use crate::support::{append, batches, open, walk};
use testkit::postgres::{Database, execute};

/// Ends every session that holds an advisory lock, as a broken network would.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND pid <> pg_backend_pid()";

#[test]
fn after_a_takeover_the_old_writer_writes_nothing_more() {
    let database = Database::new();
    let (mut old, ..) = open(database.url()).expect("new");
    append(&mut *old, 1).expect("appended");
    execute(database.url(), CUT);
    let (mut new, found, seen) = open(database.url()).expect("the right is free");
    assert_eq!((found.sequence, seen), (1, batches(1)));
    append(&mut *new, 2).expect("appended");
    // The old one comes back on a new connection and is refused by its epoch.
    assert_eq!(append(&mut *old, 2).expect_err("deposed").code(), "journal_deposed");
    assert_eq!(append(&mut *old, 2).expect_err("it stands still").code(), "journal_stopped");
    append(&mut *new, 3).expect("appended");
    drop((old, new));
    assert_eq!(open(database.url()).expect("sound").2, batches(3));
}

#[test]
fn the_old_writer_is_refused_though_the_new_one_wrote_nothing_yet() {
    let database = Database::new();
    let (mut old, ..) = open(database.url()).expect("new");
    append(&mut *old, 1).expect("appended");
    execute(database.url(), CUT);
    let (new, ..) = open(database.url()).expect("the right is free");
    assert_eq!(append(&mut *old, 2).expect_err("deposed").code(), "journal_deposed");
    drop(new);
    assert_eq!(walk(database.url()).expect("sound"), batches(1));
}

#[test]
fn writers_that_depose_one_another_never_write_over_one_another() {
    let database = Database::new();
    let (mut writer, ..) = open(database.url()).expect("new");
    let (mut acknowledged, mut deposed) = (0, Vec::new());
    for _ in 0..8 {
        for _ in 0..3 {
            acknowledged = append(&mut *writer, acknowledged + 1).expect("appended").sequence;
        }
        execute(database.url(), CUT);
        let (next, found, seen) = open(database.url()).expect("the right is free");
        assert_eq!((found.sequence, seen), (acknowledged, batches(acknowledged)));
        deposed.push(std::mem::replace(&mut writer, next));
        for old in &mut deposed {
            append(&mut **old, acknowledged + 1).expect_err("deposed");
        }
    }
    assert_eq!(walk(database.url()).expect("sound"), batches(acknowledged));
}

#[test]
fn a_writer_that_lost_its_right_asks_for_it_again() {
    // The number of the lock is the writer's own.
    const HOLD: &str =
        "SELECT pg_advisory_lock(1785689458, hashtext(current_schema())), pg_sleep(1.5)";
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    std::thread::scope(|scope| {
        let cut = scope.spawn(|| {
            execute(database.url(), CUT);
            execute(database.url(), HOLD)
        });
        std::thread::sleep(std::time::Duration::from_millis(700));
        append(&mut *journal, 2).expect("without the right, under its epoch");
        cut.join().expect("ends");
    });
    append(&mut *journal, 3).expect("appended");
    assert_eq!(open(database.url()).err().expect("the right is back").code(), "journal_locked");
    append(&mut *journal, 4).expect("it is the writer still");
}

#[test]
fn a_claim_does_not_wait_for_whoever_reads() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    drop(journal);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            execute(database.url(), "SELECT COUNT(*), pg_sleep(4) FROM journal_batches");
            std::time::Instant::now()
        });
        std::thread::sleep(std::time::Duration::from_millis(500));
        let (mut journal, ..) = open(database.url()).expect("claimed");
        append(&mut *journal, 2).expect("appended");
        let claimed = std::time::Instant::now();
        assert!(claimed < reading.join().expect("ends"), "it was read for longer");
    });
}
