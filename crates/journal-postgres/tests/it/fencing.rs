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

/// A statement that runs in a session of its own until this is dropped.
struct Meanwhile<'d> {
    database: &'d Database,
    running: Option<std::thread::JoinHandle<()>>,
}

const ITS_SESSION: &str = "FROM pg_stat_activity WHERE datname = current_database() \
    AND state = 'active' AND wait_event = 'PgSleep'";

impl<'d> Meanwhile<'d> {
    /// Returns when all of the statement but its `pg_sleep` is done.
    fn runs(database: &'d Database, sql: &'static str) -> Self {
        let url = database.url().to_owned();
        let statement = move || drop(std::panic::catch_unwind(|| execute(&url, sql)));
        let meanwhile = Self { database, running: Some(std::thread::spawn(statement)) };
        while !meanwhile.is_running() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        meanwhile
    }

    fn is_running(&self) -> bool {
        execute(self.database.url(), &format!("SELECT COUNT(*) {ITS_SESSION}")) == "1"
    }
}

impl Drop for Meanwhile<'_> {
    fn drop(&mut self) {
        let end = format!("SELECT pg_terminate_backend(pid, 10000) {ITS_SESSION}");
        execute(self.database.url(), &end);
        drop(self.running.take().map(std::thread::JoinHandle::join));
    }
}

#[test]
fn a_writer_that_lost_its_right_asks_for_it_again() {
    // The number of the lock is the writer's own.
    const HOLD: &str =
        "SELECT pg_advisory_lock(1785689458, hashtext(current_schema())), pg_sleep(600)";
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    execute(database.url(), CUT);
    let held = Meanwhile::runs(&database, HOLD);
    append(&mut *journal, 2).expect("without the right, under its epoch");
    assert!(held.is_running(), "the right was another's all the while");
    drop(held);
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
    let reading = Meanwhile::runs(&database, "SELECT sequence, pg_sleep(600) FROM journal_batches");
    let (mut journal, ..) = open(database.url()).expect("claimed");
    append(&mut *journal, 2).expect("appended");
    assert!(reading.is_running(), "it was read all the while");
}
