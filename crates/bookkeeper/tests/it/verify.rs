//! Walking a book from its first byte.

use crate::support::{
    cash, chart, config, first_segment, furnish, merchant, open, scratch, storage, ticking,
    transfer, txn, walk, walk_on,
};
use bookkeeper::{Bookkeeper, IndexOptions, Storage};
use ledger::Chart;
use std::sync::Arc;
use testkit::MemoryDisk;

fn busy(disk: &MemoryDisk) -> Bookkeeper {
    let book = open(disk);
    furnish(&book, 3, 1_000);
    for n in 0..30 {
        let pay = transfer(txn("pay", n), cash(n % 3), merchant(), 1 + n);
        book.post_blocking(pay).expect("posted");
    }
    book.post_blocking(transfer(txn("poor", 0), cash(0), merchant(), 1_000_000))
        .expect_err("refused, and in the journal all the same");
    book
}

#[test]
fn a_walk_comes_to_the_state_of_the_running_book() {
    let disk = MemoryDisk::new();
    let book = busy(&disk);
    let mut seen = Vec::new();
    let found = walk_on(&scratch(&disk), chart(), &mut |progress| seen.push(progress))
        .expect("a sound book");
    assert_eq!(found.state_hash, book.state_hash());
    assert!(found.holds(), "{:?}", found.proofs.findings);
    assert_eq!(found.effects, book.seq());
    assert_eq!(found.commands, book.seq() + 1, "one was refused");
    assert_eq!((found.segments, found.torn_bytes), (1, 0));
    assert_eq!(seen.len() as u64, found.batches);
    assert!(seen.windows(2).all(|pair| pair[0].commands <= pair[1].commands));
    assert_eq!(seen.last().map(|last| last.effects), Some(found.effects));
}

#[test]
fn damage_is_found_with_file_and_offset() {
    let disk = MemoryDisk::new();
    drop(busy(&disk));
    let bytes = disk.bytes(&first_segment()).expect("there");
    // All but the seal at the end.
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("written") - 76;
    for bit in (0..end * 8).step_by(997) {
        let copy = disk.copy();
        copy.flip_bit(&first_segment(), bit).expect("there");
        let error = walk(&copy).expect_err("damaged");
        assert_eq!(error.code(), "journal_corrupt", "bit {bit}: {error}");
        let text = error.to_string();
        assert!(text.contains("0000000001.log is damaged at byte"), "bit {bit}: {text}");
    }
}

#[test]
fn a_place_without_a_book_is_told_so() {
    let disk = MemoryDisk::new();
    let error = walk(&disk).expect_err("nothing there");
    assert_eq!(error.code(), "book_missing");
}

#[test]
fn a_chart_that_no_longer_fits_the_past_is_refused() {
    let disk = MemoryDisk::new();
    drop(busy(&disk));
    let text = include_str!("../../../../books/chart.toml");
    // Money moved between these leaves; in another fund it could not have.
    let moved = text.replacen(
        "fund = \"reserve\"\nrole = \"merchant_pending\"",
        "fund = \"own\"\nrole = \"merchant_pending\"",
        1,
    );
    assert_ne!(moved, text);
    let moved = Arc::new(Chart::parse(&moved, "chart.toml").expect("sound in itself"));
    let error =
        walk_on(&scratch(&disk), Arc::clone(&moved), &mut |_| {}).expect_err("another past");
    assert_eq!(error.code(), "book_diverged", "{error}");
    let error =
        Bookkeeper::open_on(storage(&disk), config(), moved, ticking()).expect_err("another past");
    assert_eq!(error.code(), "book_diverged", "{error}");
}

/// A book with an index, whose past comes again now and then: ids are asked for long after.
fn repetitive(disk: &MemoryDisk) {
    let index = IndexOptions { fresh_entries: 9, background: false, ..IndexOptions::new(0) };
    let storage = Storage { index, states_of_journal: 0, ..storage(disk) };
    let book = Bookkeeper::open_on(storage, config(), chart(), ticking()).expect("open");
    furnish(&book, 3, 1_000);
    for n in 0..60 {
        // Every fifth is one of long ago, as it was or as it was not.
        let old = n % 5 == 4;
        let number = if old { n / 3 } else { n };
        let changed = n % 10 == 9;
        let mut pay = transfer(txn("pay", number), cash(number % 3), merchant(), 1 + number);
        pay.reference = u128::from(changed);
        let posted = book.post_blocking(pay);
        assert_eq!(posted.is_err(), old && changed && number % 5 != 4, "{n}");
    }
}

#[test]
fn what_a_walk_finds_does_not_depend_on_where_it_keeps_its_ids() {
    let sound = MemoryDisk::cached_only();
    repetitive(&sound);
    let mut disks = vec![(sound.copy(), "sound".to_owned())];
    let before = sound.paths();
    for path in &before {
        let length = sound.bytes(path).expect("there").len().min(12_000);
        for byte in (0..length).step_by(977) {
            let copy = sound.copy();
            copy.flip_bit(path, byte * 8 + byte % 8).expect("flip");
            disks.push((copy, format!("{} at {byte}", path.display())));
        }
    }
    let (mut holds, mut disagree, mut damaged) = (0, 0, 0);
    for (disk, what) in disks {
        let found = |fresh_entries, background| {
            let index = IndexOptions { fresh_entries, background, ..IndexOptions::new(0) };
            let storage = Storage { index, ..storage(&disk) };
            walk_on(&storage, chart(), &mut |_| {})
        };
        let in_memory = found(1 << 19, false);
        for (fresh_entries, background) in [(1, false), (7, false), (7, true)] {
            assert_eq!(found(fresh_entries, background), in_memory, "{what}, {fresh_entries}");
        }
        assert_eq!(disk.paths(), before, "{what}: nothing is left behind");
        match in_memory {
            Ok(found) if found.holds() => holds += 1,
            Ok(_) => disagree += 1,
            Err(_) => damaged += 1,
        }
    }
    assert!(holds > 0 && disagree > 0 && damaged > 0, "{holds}, {disagree}, {damaged}");
}

#[test]
fn a_scratch_that_fills_is_named_and_no_finding() {
    let disk = MemoryDisk::new();
    repetitive(&disk);
    disk.plan(testkit::Fault::FullAfterBytes(3_000));
    let error = walk(&disk).expect_err("there is no room");
    assert_eq!(error.code(), "archive_io", "{error}");
    assert!(error.to_string().contains("/scratch"), "{error}");
}
