//! Written, walked, read back, claimed.

use crate::support::{KIND, append, batches, home, open, walk};
use journal::{Error, Home as _, MAX_RECORD_BYTES, Position, form};
use journal_postgres::PostgresHome;
use testkit::postgres::{Database, execute};

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let database = Database::new();
    assert_eq!(walk(database.url()).expect("no log yet"), batches(0));
    let (mut journal, found, seen) = open(database.url()).expect("new");
    assert_eq!((found.sequence, seen), (0, batches(0)));
    assert_eq!(journal.last().chain, form::genesis(KIND));
    for number in 1..=5 {
        assert_eq!(append(&mut *journal, number).expect("appended").sequence, number);
        assert_eq!(walk(database.url()).expect("while it is written"), batches(number));
    }
    let last = journal.last();
    drop(journal);
    let (mut journal, found, seen) = open(database.url()).expect("again");
    assert_eq!(seen, batches(5));
    assert_eq!((found.sequence, found.chain, found.last), (5, last.chain, last.place));
    assert_eq!((found.batches, found.records, found.torn_bytes), (5, 11, 0));
    append(&mut *journal, 6).expect("appended");
    assert_eq!(walk(database.url()).expect("sound"), batches(6));
}

#[test]
fn an_opening_behind_a_batch_sees_what_follows_and_refuses_another_past() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    let positions: Vec<Position> =
        (1..=9).map(|number| append(&mut *journal, number).expect("appended")).collect();
    drop(journal);
    let held = home(database.url()).claim().expect("free");
    for from in &positions {
        let wrong = Position { chain: [7; 32], ..*from };
        let refused = held.open_behind(Some(wrong), &mut |_| Ok(())).err().expect("refused");
        assert_eq!(refused.code(), "journal_corrupt");
    }
    let mut seen = Vec::new();
    let (mut journal, found) = held
        .open_behind(Some(positions[4]), &mut |batch| {
            seen.push(batch.sequence);
            Ok(())
        })
        .expect("there");
    assert_eq!((seen, found.sequence), (vec![6, 7, 8, 9], 9));
    append(&mut *journal, 10).expect("appended");
    drop((journal, held));
    assert_eq!(open(database.url()).expect("again").2, batches(10));
}

#[test]
fn every_record_is_read_by_its_place_and_what_is_no_place_is_refused() {
    let database = Database::new();
    let home = home(database.url());
    let held = home.claim().expect("free");
    let (mut journal, _) = held.open_behind(None, &mut |_| Ok(())).expect("new");
    let long = vec![9; form::FIRST_READ * 5];
    let mut kept = Vec::new();
    for number in 0..7_u8 {
        let records = [&[number][..], &long[..usize::from(number) * 3_000], b""];
        let at = journal.append(&records).expect("appended").place;
        let places = at.records(records.iter().map(|record| record.len()));
        kept.extend(places.zip(records.map(<[u8]>::to_vec)));
    }
    let (reader, mut out) = (home.reader(), Vec::new());
    for (place, record) in &kept {
        reader.record(*place, &mut out).expect("there");
        assert_eq!(&out, record);
        let beside = journal::Place { offset: place.offset + 1, ..*place };
        assert_eq!(reader.record(beside, &mut out).expect_err("none").code(), "journal_corrupt");
    }
    for (segment, offset) in [(0, 0), (1, 0), (1, 1 << 27), (2, 200)] {
        let place = journal::Place { segment, offset };
        assert_eq!(reader.record(place, &mut out).expect_err("none").code(), "journal_corrupt");
    }
}

#[test]
fn one_claim_at_a_time_and_only_of_its_own_kind() {
    let database = Database::new();
    let (journal, ..) = open(database.url()).expect("new");
    assert_eq!(open(database.url()).err().expect("held").code(), "journal_locked");
    drop(journal);
    open(database.url()).expect("free again");
    let told = || execute(database.url(), "SELECT log, epoch, sequence FROM journal_head");
    let before = told();
    let other = PostgresHome::new(database.url(), "other/1").expect("a URL");
    assert_eq!(other.claim().err().expect("another").code(), "journal_wrong_kind");
    assert_eq!(other.walk(&mut |_| Ok(())).expect_err("another").code(), "journal_wrong_kind");
    assert_eq!(told(), before, "a refused claim changes nothing");
    let known = home(database.url()).identity().expect("readable").expect("claimed before");
    assert!(before.starts_with(&known), "{before}");
    assert_eq!(home(Database::new().url()).identity().expect("readable"), None);
    assert_eq!(
        PostgresHome::new(database.url(), "no kind").expect_err("a space").code(),
        "journal_wrong_kind"
    );
    for url in ["sqlite:book", "postgres://u:secret@h/", "postgres://u@h/d?sslmod=off"] {
        let error = PostgresHome::new(url, KIND).expect_err(url);
        assert_eq!(error.code(), "journal_database");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn a_batch_that_no_home_takes_changes_nothing_and_a_large_one_is_kept() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    let long = vec![1; MAX_RECORD_BYTES + 1];
    for records in [&[][..], &[&long[..]]] {
        let refused = journal.append(records).expect_err("refused");
        assert!(matches!(refused, Error::BadBatch { .. }), "{refused}");
    }
    journal.append(&[&long[1..]]).expect("the longest");
    append(&mut *journal, 2).expect("appended");
    drop(journal);
    let (_, found, seen) = open(database.url()).expect("again");
    assert_eq!((found.sequence, seen[0][0].len()), (2, MAX_RECORD_BYTES));
}

#[test]
fn a_refused_batch_ends_the_walk_and_leaves_the_log_to_be_opened_again() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    for number in 1..=3 {
        append(&mut *journal, number).expect("appended");
    }
    drop(journal);
    let held = home(database.url()).claim().expect("free");
    let refused = held.open_behind(None, &mut |batch| match batch.sequence {
        2 => Err("not this one".into()),
        _ => Ok(()),
    });
    assert!(matches!(refused.err(), Some(Error::Refused { sequence: 2, .. })));
    let (mut journal, _) = held.open_behind(None, &mut |_| Ok(())).expect("opens");
    append(&mut *journal, 4).expect("appended");
}

#[test]
fn the_server_refuses_to_change_a_batch() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    append(&mut *journal, 1).expect("appended");
    for sql in [
        "UPDATE journal_batches SET place = 1",
        "DELETE FROM journal_batches",
        "TRUNCATE journal_batches",
    ] {
        let done = std::panic::catch_unwind(|| execute(database.url(), sql));
        assert!(done.is_err(), "{sql}");
    }
    assert_eq!(walk(database.url()).expect("sound"), batches(1));
}
