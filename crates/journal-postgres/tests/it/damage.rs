//! Rows that are missing, changed, added or moved: refused, never passed over.

use crate::support::{append, batches, open, tamper, walk};
use testkit::postgres::{Database, execute};

#[test]
fn every_damage_to_the_rows_is_refused() {
    for (sql, word) in [
        ("DELETE FROM journal_batches WHERE sequence = 2", "batch 3 stands where 2 belongs"),
        ("DELETE FROM journal_batches WHERE sequence = 4", "where the head names 4"),
        ("DELETE FROM journal_batches", "where the head names 4"),
        ("UPDATE journal_batches SET place = place + 8 WHERE sequence = 3", "belongs"),
        (
            "UPDATE journal_batches SET frame = frame || '\\x0000000000000000' WHERE sequence = 3",
            "do not belong",
        ),
        (
            "UPDATE journal_batches SET frame = SUBSTRING(frame FROM 1 FOR 40) WHERE sequence = 4",
            "checksum",
        ),
        ("UPDATE journal_head SET sequence = 3", "another chain"),
        (
            "UPDATE journal_head SET sequence = 3, chain = SUBSTRING(frame FROM 33 FOR 32) \
             FROM journal_batches AS b WHERE b.sequence = 3",
            "where the head names 3",
        ),
        (
            "UPDATE journal_head SET chain = SUBSTRING(frame FROM 33 FOR 32) FROM journal_batches \
          AS b WHERE b.sequence = 3",
            "another chain",
        ),
        (
            "INSERT INTO journal_batches (sequence, epoch, place, frame) SELECT 5, epoch, place + 1000, frame FROM \
          journal_batches WHERE sequence = 4",
            "batch 5",
        ),
    ] {
        let database = Database::new();
        let (mut journal, ..) = open(database.url()).expect("new");
        for number in 1..=4 {
            append(&mut *journal, number).expect("appended");
        }
        drop(journal);
        tamper(database.url(), sql);
        let refused = open(database.url()).err().expect(sql);
        assert_eq!(refused.code(), "journal_corrupt", "{sql}");
        assert!(refused.to_string().contains(word), "{sql}: {refused}");
    }
}

#[test]
fn every_flipped_byte_of_a_frame_is_found_by_a_walk() {
    let database = Database::new();
    let (mut journal, ..) = open(database.url()).expect("new");
    for number in 1..=2 {
        append(&mut *journal, number).expect("appended");
    }
    drop(journal);
    execute(database.url(), "ALTER TABLE journal_batches DISABLE TRIGGER USER");
    let flip = |byte: usize| {
        execute(
            database.url(),
            &format!(
                "UPDATE journal_batches SET frame = SET_BYTE(frame, {byte}, GET_BYTE(frame, {byte}) # 1) \
                 WHERE sequence = 2 AND OCTET_LENGTH(frame) > {byte}"
            ),
        )
    };
    let mut byte = 0;
    while flip(byte) == "UPDATE 1" {
        let refused = walk(database.url()).expect_err("damaged");
        assert_eq!(refused.code(), "journal_corrupt", "byte {byte}: {refused}");
        flip(byte);
        byte += 1;
    }
    assert!(byte > 100, "{byte} bytes");
    assert_eq!(walk(database.url()).expect("as it was"), batches(2));
}
