//! Walking a book from its first byte.

use crate::support::{
    cash, chart, config, first_segment, furnish, merchant, open, storage, ticking, transfer, txn,
};
use bookkeeper::{Bookkeeper, verify};
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
    let found = verify(&disk, &config().dir, chart(), &mut |progress| seen.push(progress))
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
        let error = verify(&copy, &config().dir, chart(), &mut |_| {}).expect_err("damaged");
        assert_eq!(error.code(), "journal_corrupt", "bit {bit}: {error}");
        let text = error.to_string();
        assert!(text.contains("0000000001.log is damaged at byte"), "bit {bit}: {text}");
    }
}

#[test]
fn a_place_without_a_book_is_told_so() {
    let disk = MemoryDisk::new();
    let error = verify(&disk, &config().dir, chart(), &mut |_| {}).expect_err("nothing there");
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
        verify(&disk, &config().dir, Arc::clone(&moved), &mut |_| {}).expect_err("another past");
    assert_eq!(error.code(), "book_diverged", "{error}");
    let error =
        Bookkeeper::open_on(storage(&disk), config(), moved, ticking()).expect_err("another past");
    assert_eq!(error.code(), "book_diverged", "{error}");
}
