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
    assert!(tell(&there, 300) == tell(&here, 300), "the same is told");
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
fn a_book_is_not_begun_anew_beside_its_past_nor_goes_on_with_anothers() {
    let (disk, database, second) = (MemoryDisk::new(), Database::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    drop(open(&MemoryDisk::new(), &second).expect("another's book"));
    let epoch = || testkit::postgres::execute(second.url(), "SELECT epoch FROM journal_head");
    let before = epoch();
    // Not even while it has no checkpoint yet.
    for other in [&second, &Database::new()] {
        let killed = disk.copy();
        let refused = open(&killed, other).expect_err("another database");
        assert_eq!(refused.code(), "book_journal_elsewhere");
    }
    assert_eq!(epoch(), before, "nothing was claimed");
    furnish(&book, CUSTOMERS, 500);
    assert_eq!(play(&book, 0..60), 60);
    drop(book);
    let in_files = try_open(&disk).expect_err("its journal is in a database");
    assert_eq!(in_files.code(), "book_journal_elsewhere");
    let walked = crate::support::walk(&disk).expect_err("its journal is in a database");
    assert_eq!(walked.code(), "book_journal_elsewhere");
    let files = MemoryDisk::new();
    drop(try_open(&files).expect("new"));
    let in_database = open(&files, &Database::new()).expect_err("its journal is in files");
    assert_eq!(in_database.code(), "book_journal_elsewhere");
    drop(open(&disk, &database).expect("as it was"));
}

#[test]
fn a_journal_that_lost_what_the_checkpoint_knew_is_refused_until_somebody_says_so() {
    let (disk, database) = (MemoryDisk::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    furnish(&book, CUSTOMERS, 500);
    assert_eq!(play(&book, 0..60), 60);
    drop(book);
    // What a failover to a server that was behind leaves.
    for sql in [
        "ALTER TABLE journal_batches DISABLE TRIGGER USER",
        "DELETE FROM journal_batches WHERE sequence > 4",
        "UPDATE journal_head SET sequence = 4, chain = SUBSTRING(frame FROM 33 FOR 32) \
         FROM journal_batches AS b WHERE b.sequence = 4",
    ] {
        testkit::postgres::execute(database.url(), sql);
    }
    for _ in 0..2 {
        let refused = open(&disk, &database).expect_err("something is lost");
        assert_eq!(refused.code(), "book_journal_lost", "{refused}");
    }
    archive::forget(&*disk.files(), &config().dir.join("index")).expect("deleted");
    drop(open(&disk, &database).expect("what the journal says"));
}

#[test]
fn a_server_that_goes_and_comes_back_stops_neither_writer_nor_readers() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let (disk, database) = (MemoryDisk::new(), Database::new());
    let book = open(&disk, &database).expect("new");
    let files = crowded(&MemoryDisk::new(), false);
    let twin = Bookkeeper::open_on(files, config(), chart(), ticking()).expect("new");
    for book in [&book, &twin] {
        furnish(book, CUSTOMERS, 500);
    }
    for round in 0..6 {
        for book in [&book, &twin] {
            // From the second time on every step is looked up in the journal, and answered as before.
            assert_eq!(play(book, 0..120), 120, "round {round}");
            testkit::postgres::execute(database.url(), CUT);
        }
        assert!(tell(&book, 120) == tell(&twin, 120), "round {round}");
    }
    twin.close();
    drop(book);
    walk_on(&disk, &database);
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
