//! Torn tails are cut, everything else is refused: at every byte, at every bit.

use crate::support::{DISKS, append, batches, content_end, log_of, log_on, open, segment};
use journal::Error;
use testkit::MemoryDisk;

/// The bounds of the frames in the first segment after `count` batches.
fn bounds(count: u64) -> Vec<usize> {
    (0..=count)
        .map(|batches| content_end(&log_of(0..batches, false), &segment(1)).max(128))
        .collect()
}

fn cut(disk: &MemoryDisk, at: usize) -> MemoryDisk {
    let copy = disk.copy();
    let mut bytes = copy.bytes(&segment(1)).expect("there");
    bytes[at..].fill(0);
    copy.set_bytes(&segment(1), &bytes).expect("there");
    copy
}

#[test]
fn a_write_torn_at_any_byte_of_the_last_two_batches_leaves_the_whole_batches() {
    let count = 6;
    let bounds = bounds(count);
    for (disk, at) in DISKS.into_iter().flat_map(|make| {
        let disk = log_on(make(), 0..count, false);
        (bounds[4]..=bounds[6]).map(move |at| (disk.clone(), at))
    }) {
        let torn = cut(&disk, at);
        let whole = bounds.iter().filter(|end| **end <= at).count() as u64 - 1;
        let (mut journal, recovery, found) = open(&torn).unwrap_or_else(|e| panic!("{at}: {e}"));
        assert_eq!(found, batches(0..whole), "cut at {at}");
        assert_eq!(recovery.torn_bytes > 0, !bounds.contains(&at), "cut at {at}");
        // Life goes on after it, and what the torn batch left is gone.
        append(&mut journal, whole).expect("append");
        drop(journal);
        let (_, recovery, found) = open(&torn).unwrap_or_else(|e| panic!("{at}: {e}"));
        assert_eq!((found, recovery.torn_bytes), (batches(0..whole + 1), 0), "cut at {at}");
    }
}

#[test]
fn a_flipped_bit_in_a_closed_log_is_refused_with_its_file_and_offset() {
    // Several segments; the last batch of the last one is a seal.
    let disk = log_of(0..14, true);
    let segments: Vec<_> = (1..100).map(segment).take_while(|p| disk.bytes(p).is_ok()).collect();
    assert!(segments.len() >= 2);
    let seal = 76;
    for (number, path) in segments.iter().enumerate() {
        let last = number + 1 == segments.len();
        let end = content_end(&disk, path) - if last { seal } else { 0 };
        for bit in (0..end * 8).step_by(5) {
            let copy = disk.copy();
            copy.flip_bit(path, bit).expect("there");
            match open(&copy) {
                Err(Error::Corrupt { file, offset, .. }) => {
                    assert_eq!(&file, path, "bit {bit}");
                    assert!(offset <= (bit / 8) as u64, "bit {bit} is told at byte {offset}");
                }
                Err(other) => panic!("bit {bit} of {}: {other}", path.display()),
                Ok(_) => panic!("bit {bit} of {} was not seen", path.display()),
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_the_seal_or_behind_it_is_refused_or_wiped_and_costs_nothing() {
    let disk = log_of(0..3, true);
    let path = segment(1);
    let end = content_end(&disk, &path);
    let length = disk.bytes(&path).expect("there").len();
    for bit in ((end - 76) * 8..length * 8).step_by(3) {
        let copy = disk.copy();
        copy.flip_bit(&path, bit).expect("there");
        match open(&copy) {
            Ok((.., found)) => assert_eq!(found, batches(0..3), "bit {bit}"),
            // A whole seal that is wrong does not look torn, nor does a bit in the unused space
            // of the same sectors; farther away it lies behind a sector of zeros.
            Err(Error::Corrupt { .. }) => assert!(bit < (end + 1024) * 8, "bit {bit}"),
            Err(other) => panic!("bit {bit}: {other}"),
        }
    }
}

#[test]
fn a_flipped_bit_in_the_last_batch_of_a_crashed_log_is_refused_not_cut() {
    let disk = log_of(0..4, false);
    let path = segment(1);
    for bit in 128 * 8..content_end(&disk, &path) * 8 {
        let copy = disk.copy();
        copy.flip_bit(&path, bit).expect("there");
        let error = open(&copy).expect_err("an acknowledged batch may not vanish");
        assert_eq!(error.code(), "journal_corrupt", "bit {bit}: {error}");
    }
}

#[test]
fn lost_sectors_of_a_durable_batch_are_refused() {
    let disk = log_of(0..6, false);
    let bounds = bounds(6);
    let path = segment(1);
    for batch in 0..5 {
        let copy = disk.copy();
        let mut bytes = copy.bytes(&path).expect("there");
        bytes[bounds[batch]..bounds[batch + 1]].fill(0);
        copy.set_bytes(&path, &bytes).expect("there");
        let error = open(&copy).expect_err("a later batch proves it was durable");
        assert_eq!(error.code(), "journal_corrupt", "batch {batch}: {error}");
    }
}

#[test]
fn swapped_missing_and_shortened_segments_are_refused() {
    let disk = log_of(0..30, true);
    let bytes = |index| disk.bytes(&segment(index)).expect("there");
    let (first, second) = (bytes(1), bytes(2));
    let short = &second[..second.len() - 8];
    for (what, changes) in [
        ("swapped", vec![(1, second.as_slice()), (2, first.as_slice())]),
        ("doubled", vec![(2, first.as_slice())]),
        ("shortened", vec![(2, short)]),
        ("emptied", vec![(2, &[][..])]),
    ] {
        let copy = disk.copy();
        for (index, bytes) in changes {
            copy.set_bytes(&segment(index), bytes).expect("there");
        }
        let error = open(&copy).expect_err(what);
        assert_eq!(error.code(), "journal_corrupt", "{what}: {error}");
    }
    let copy = disk.copy();
    journal::Files::remove(&copy, &segment(2)).expect("there");
    let error = open(&copy).expect_err("missing");
    assert!(error.to_string().contains("segment 0000000002.log is missing"), "{error}");
}
