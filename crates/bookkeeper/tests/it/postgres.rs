//! The book with its journal in a database: the same history gives the same book, the past is read
//! through it, another machine takes over, and the one that was deposed writes nothing more.

use crate::index::{CUSTOMERS, crowded, play, tell};
use crate::support::{
    cash, chart, config, config_at, done, furnish, merchant, reserve, ticking, transfer, try_open,
    txn, walk,
};
use bookkeeper::{Bookkeeper, Error, JOURNAL_KIND, Storage, Verification, verify};
use journal_postgres::PostgresHome;
use std::path::Path;
use std::sync::Arc;
use testkit::MemoryDisk;
use testkit::postgres::Database;

fn home(database: &Database) -> PostgresHome {
    PostgresHome::new(database.url(), JOURNAL_KIND).expect("a URL")
}

fn on(disk: &MemoryDisk, database: &Database) -> Storage {
    Storage { journal: Some(Arc::new(home(database))), ..crowded(disk, false) }
}

fn open(disk: &MemoryDisk, database: &Database) -> Result<Bookkeeper, Error> {
    Bookkeeper::open_on(on(disk, database), config(), chart(), ticking())
}

fn walk_on(disk: &MemoryDisk, database: &Database) -> Verification {
    let found =
        verify(&on(disk, database), &config().dir, Path::new("/scratch"), chart(), &mut |_| {});
    let found = found.expect("sound");
    assert!(found.holds(), "{found:?}");
    found
}

#[test]
fn the_same_history_gives_the_same_book_in_files_and_in_a_database() {
    let (disk, files, database) = (MemoryDisk::new(), MemoryDisk::new(), Database::new());
    let there = open(&disk, &database).expect("new");
    let here = Bookkeeper::open_on(crowded(&files, false), config(), chart(), ticking());
    let here = here.expect("new");
    for book in [&there, &here] {
        furnish(book, CUSTOMERS, 500);
        assert_eq!(play(book, 0..300), 300);
    }
    assert_eq!(tell(&there, 300), tell(&here, 300));
    // A transaction of long ago, whose command is read back from the journal.
    for book in [&there, &here] {
        let again = transfer(txn("top up", 0), reserve(), cash(0), 500);
        done(book, again);
    }
    there.close();
    here.close();
    let (there, here) = (walk_on(&disk, &database), walk(&files).expect("sound"));
    assert_eq!(there.index_agrees, Some(true), "a checkpoint was compared");
    assert_eq!((there.state_hash, there.effects), (here.state_hash, here.effects));
}

#[test]
fn it_goes_on_from_its_checkpoint_and_is_built_anew_without_one() {
    let (disk, database) = (MemoryDisk::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    furnish(&book, CUSTOMERS, 500);
    assert_eq!(play(&book, 0..120), 120);
    let seq = book.seq();
    drop(book);
    for disk in [disk, MemoryDisk::new()] {
        let book = open(&disk, &database).expect("again");
        assert_eq!(book.seq(), seq);
        drop(book);
        walk_on(&disk, &database);
    }
}

#[test]
fn another_machine_takes_over_and_the_deposed_one_stands_still() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
        AND pid <> pg_backend_pid()";
    let (here, there, database) = (MemoryDisk::new(), MemoryDisk::new(), Database::new());
    let old = open(&here, &database).expect("new");
    furnish(&old, CUSTOMERS, 500);
    let refused = open(&there, &database).expect_err("it is held");
    assert_eq!(refused.code(), "journal_locked");
    testkit::postgres::execute(database.url(), CUT);
    let new = open(&there, &database).expect("the right is free");
    assert_eq!(new.seq(), old.seq());
    let refused = old.post_blocking(transfer(txn("old", 1), cash(0), merchant(), 7));
    assert_eq!(refused.expect_err("deposed").code(), "book_stopped");
    done(&new, transfer(txn("new", 1), cash(0), merchant(), 5));
    assert_eq!(old.transaction(txn("new", 1)).expect("readable"), None, "what it knew");
    drop((old, new));
    // The first machine, with the index of its own time, goes on behind what it knew.
    let book = open(&here, &database).expect("free again");
    assert!(book.transaction(txn("old", 1)).expect("readable").is_none());
    assert!(book.transaction(txn("new", 1)).expect("readable").is_some());
    drop(book);
    walk_on(&here, &database);
}

#[test]
fn a_book_is_not_begun_anew_beside_its_past() {
    let (disk, database) = (MemoryDisk::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    furnish(&book, CUSTOMERS, 500);
    assert_eq!(play(&book, 0..60), 60);
    drop(book);
    let in_files = try_open(&disk).expect_err("its journal is in a database");
    assert_eq!(in_files.code(), "book_journal_elsewhere");
    let other = open(&disk, &Database::new()).expect_err("another database");
    assert_eq!(other.code(), "book_journal_lost");
    let files = MemoryDisk::new();
    drop(try_open(&files).expect("new"));
    let in_database = open(&files, &Database::new()).expect_err("its journal is in files");
    assert_eq!(in_database.code(), "book_journal_elsewhere");
    drop(open(&disk, &database).expect("as it was"));
}

#[test]
fn the_directory_has_one_writer_wherever_the_journal_is() {
    let (disk, database, second) = (MemoryDisk::new(), Database::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    assert_eq!(open(&disk, &second).expect_err("held").code(), "journal_locked");
    drop(book);
    let elsewhere = config_at(Path::new("/second"));
    let book = Bookkeeper::open_on(on(&disk, &second), elsewhere, chart(), ticking());
    drop(book.expect("a directory of its own"));
}
