//! A log that nothing happens to.

use crate::support::{
    DISKS, KIND, append, batch, batches, dir, log_of, log_on, open, open_with, options, segment,
};
use journal::{
    Claim, Durability, Error, FileJournal, Files, Journal as _, Options, Place, Position,
    Reader as _, RealFiles,
};
use std::sync::Arc;
use testkit::{MemoryDisk, Survival};

#[test]
fn what_was_appended_is_read_back_across_segments_and_openings() {
    let disk = MemoryDisk::new();
    let mut last = None;
    for opening in 0..5 {
        let (mut journal, recovery, found) = open(&disk).expect("open");
        assert_eq!(found, batches(0..opening * 10));
        assert_eq!(recovery.torn_bytes, 0);
        assert!(last.is_none_or(|last| last == journal.last()));
        for number in opening * 10..opening * 10 + 10 {
            append(&mut journal, number).expect("append");
        }
        last = Some(journal.last());
    }
    assert!(disk.paths().len() > 4, "several segments: {:?}", disk.paths());
}

#[test]
fn a_batch_longer_than_a_segment_gets_its_own() {
    let disk = log_of(0..3, false);
    let (mut journal, ..) = open(&disk).expect("open");
    let long = vec![9; 10_000];
    journal.append(&[&long]).expect("append");
    append(&mut journal, 3).expect("append");
    drop(journal);
    let (.., found) = open(&disk).expect("open");
    assert_eq!(found[3], [long]);
    assert_eq!(found[4], batch(3));
}

#[test]
fn one_sync_a_batch_and_none_when_buffered() {
    for (durability, syncs) in [(Durability::Sync, 5), (Durability::Buffered, 0)] {
        let disk = MemoryDisk::new();
        let (mut journal, ..) = open_with(&disk, options(durability)).expect("open");
        let before = disk.syncs();
        for _ in 0..5 {
            append(&mut journal, 1).expect("append");
        }
        assert_eq!(disk.syncs() - before, syncs, "{durability:?}");
        journal.sync().expect("sync");
        disk.restart(Survival::Nothing);
        let (.., found) = open(&disk).expect("open");
        assert_eq!(found.len(), 5, "{durability:?}");
    }
}

#[test]
fn bad_batches_are_refused_and_change_nothing() {
    let disk = log_of(0..2, false);
    let (mut journal, ..) = open(&disk).expect("open");
    let long = vec![0; journal::MAX_RECORD_BYTES + 1];
    let large = vec![0; journal::MAX_RECORD_BYTES];
    for records in [&[][..], &[long.as_slice()], &[large.as_slice(); 5]] {
        let refused = journal.append(records).expect_err("refused");
        assert_eq!(refused.code(), "journal_bad_batch");
    }
    append(&mut journal, 2).expect("the log still stands");
}

#[test]
fn a_second_opener_is_refused_until_the_first_is_gone() {
    let place = tempfile::tempdir().expect("a directory");
    let files: Arc<dyn Files> = Arc::new(RealFiles);
    let open = || {
        FileJournal::open(files.clone(), place.path(), Options::new("test/1"), &mut |_| Ok(()))
            .map(|(journal, _)| journal)
    };
    let first = open().expect("open");
    let second = open().expect_err("refused");
    assert!(matches!(&second, Error::Locked { dir } if dir == place.path()), "{second}");
    drop(first);
    open().expect("free again");
}

#[test]
fn real_files_keep_what_memory_keeps() {
    let place = tempfile::tempdir().expect("a directory");
    let files: Arc<dyn Files> = Arc::new(RealFiles);
    let mut small = options(Durability::Sync);
    small.segment_bytes = 4096;
    for opening in 0..3 {
        let mut found = Vec::new();
        let (mut journal, _) =
            FileJournal::open(files.clone(), place.path(), small.clone(), &mut |batch| {
                found.push(batch.records().map(<[u8]>::to_vec).collect::<Vec<_>>());
                Ok(())
            })
            .expect("open");
        assert_eq!(found, batches(0..opening * 10));
        for number in opening * 10..opening * 10 + 10 {
            append(&mut journal, number).expect("append");
        }
        journal.close().expect("close");
    }
}

#[test]
fn a_log_of_another_kind_is_refused() {
    let disk = log_of(0..2, true);
    let other = Options { kind: "other/1".to_owned(), ..options(Durability::Sync) };
    let refused = open_with(&disk, other).expect_err("refused");
    assert!(
        matches!(&refused, Error::WrongKind { found, file, .. }
            if found == "test/1" && *file == segment(1)),
        "{refused}"
    );
    for kind in ["", "much too long to be the kind of a log", "with space"] {
        let options = Options { kind: kind.to_owned(), ..options(Durability::Sync) };
        assert_eq!(open_with(&disk, options).expect_err(kind).code(), "journal_wrong_kind");
    }
}

#[test]
fn a_refusal_of_the_reader_ends_the_walk_with_its_reason() {
    let disk = log_of(0..3, true);
    let refused = journal::read(&disk, &dir(), "test/1", &mut |batch| {
        if batch.sequence == 2 { Err("not this one".into()) } else { Ok(()) }
    })
    .expect_err("refused");
    assert_eq!(refused.to_string(), "batch 2 was refused by its reader: not this one");
}

#[test]
fn a_log_is_read_while_it_is_written() {
    let disk = MemoryDisk::new();
    let (mut journal, ..) = open(&disk).expect("open");
    for number in 0..20 {
        append(&mut journal, number).expect("append");
        let mut seen = 0;
        let found = journal::read(&disk, &dir(), "test/1", &mut |_| {
            seen += 1;
            Ok(())
        })
        .expect("read");
        assert_eq!((seen, found.chain), (number + 1, journal.last().chain));
    }
}

#[test]
fn a_log_opens_behind_any_batch_that_is_known_and_behind_no_other() {
    let disk = log_of(1..40, true);
    let mut known = Vec::new();
    let read = journal::read(&disk, &dir(), KIND, &mut |batch| {
        known.push(Position { sequence: batch.sequence, chain: batch.chain, place: batch.place });
        Ok(())
    });
    let all = read.expect("read");
    assert!(all.segments > 3, "{all:?}");
    for from in &known {
        let open = |from: Position| {
            let mut seen = Vec::new();
            let claim = Claim::take(disk.files(), &dir()).expect("claim");
            let options = options(Durability::Sync);
            FileJournal::open_behind(claim, options, Some(from), &mut |batch| {
                seen.push(batch.sequence);
                Ok(())
            })
            .map(|(_, found)| (found.sequence, found.chain, seen))
        };
        let rest = known.iter().map(|position| position.sequence);
        let rest: Vec<u64> = rest.filter(|sequence| *sequence > from.sequence).collect();
        assert_eq!(open(*from).expect("open"), (all.sequence, all.chain, rest));
        let chain = [7; 32];
        let sequence = from.sequence + 1;
        let place = Place { segment: 99, ..from.place };
        for wrong in [
            Position { chain, ..*from },
            Position { sequence, ..*from },
            Position { place, ..*from },
        ] {
            let refused = open(wrong).expect_err("another batch");
            assert_eq!(refused.code(), "journal_corrupt", "{refused}");
        }
    }
}

#[test]
fn the_bytes_are_the_same_past_the_cache_and_through_it() {
    let [direct, cached] = DISKS.map(|make| log_on(make(), 0..40, true));
    assert_eq!(direct.paths(), cached.paths());
    assert!(direct.paths().len() > 3);
    for path in direct.paths() {
        let same = direct.bytes(&path).expect("there") == cached.bytes(&path).expect("there");
        assert!(same, "{}", path.display());
    }
    // A log goes on whichever way it was written before.
    let moved = MemoryDisk::cached_only();
    for path in direct.paths() {
        moved.create(&path).expect("create").sync().expect("sync");
        moved.set_bytes(&path, &direct.bytes(&path).expect("there")).expect("there");
    }
    moved.sync_dir(&dir()).expect("sync");
    let (mut journal, _, found) = open(&moved).expect("open");
    assert_eq!(found, batches(0..40));
    append(&mut journal, 40).expect("append");
}

#[test]
fn records_are_read_back_by_their_place_and_damage_is_refused() {
    let disk = log_of(0..0, false);
    let (mut journal, ..) = open(&disk).expect("open");
    let reader = journal::FileReader::new(disk.files(), dir());
    let mut places = Vec::new();
    for number in 0..20 {
        append(&mut journal, number).expect("append");
        let lengths = batch(number).into_iter().map(|record| record.len());
        places.extend(journal.last().place.records(lengths).zip(batch(number)));
        let mut out = Vec::new();
        for (place, record) in &places {
            let packed = journal::Place::from_bits(place.to_bits());
            reader.record(packed, &mut out).expect("there");
            assert_eq!(&out, record);
        }
    }
    drop(journal);
    let mut walked = Vec::new();
    journal::read(&disk, &dir(), "test/1", &mut |batch| {
        walked.extend(batch.placed_records().map(|(place, bytes)| (place, bytes.to_vec())));
        Ok(())
    })
    .expect("read");
    assert_eq!(walked, places);
    let (place, record) = places.iter().find(|(_, r)| r.len() > 100).expect("a long one");
    let bit = (usize::try_from(place.offset).expect("small") + 8) * 8;
    for bit in (bit..bit + record.len() * 8).step_by(97) {
        let copy = disk.copy();
        copy.flip_bit(&segment(u64::from(place.segment)), bit).expect("there");
        let reader = journal::FileReader::new(copy.files(), dir());
        let refused = reader.record(*place, &mut Vec::new()).expect_err("damaged");
        assert_eq!(refused.code(), "journal_corrupt");
    }
}
