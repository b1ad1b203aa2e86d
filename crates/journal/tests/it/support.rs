//! What the tests share.

use journal::{Durability, Error, FileJournal, Journal as _, Options, Recovery};
use std::path::{Path, PathBuf};
use testkit::MemoryDisk;

pub(crate) const KIND: &str = "test/1";

pub(crate) fn dir() -> PathBuf {
    PathBuf::from("/log")
}

pub(crate) fn segment(index: u64) -> PathBuf {
    dir().join(format!("{index:010}.log"))
}

/// A log with small segments, each made when it is needed: faults then strike where they were
/// planned.
pub(crate) fn options(durability: Durability) -> Options {
    Options { durability, segment_bytes: 4096, ahead: false, ..Options::new(KIND) }
}

/// A disk of each kind: one that is written past its cache, one that cannot be.
pub(crate) const DISKS: [fn() -> MemoryDisk; 2] = [MemoryDisk::new, MemoryDisk::cached_only];

pub(crate) type Opened = (FileJournal, Recovery, Vec<Vec<Vec<u8>>>);

/// Opens the log on a disk; its batches with it.
pub(crate) fn open_with(disk: &MemoryDisk, options: Options) -> Result<Opened, Error> {
    let mut batches = Vec::new();
    let (journal, recovery) = FileJournal::open(disk.files(), &dir(), options, &mut |batch| {
        batches.push(batch.records().map(<[u8]>::to_vec).collect());
        Ok(())
    })?;
    Ok((journal, recovery, batches))
}

pub(crate) fn open(disk: &MemoryDisk) -> Result<Opened, Error> {
    open_with(disk, options(Durability::Sync))
}

/// A batch that differs from every other: `number` tells its records, their lengths, their bytes.
pub(crate) fn batch(number: u64) -> Vec<Vec<u8>> {
    (0..=number % 3)
        .map(|record| {
            let length = usize::try_from((number * 37 + record * 11) % 900).expect("small");
            let byte = u8::try_from(number % 200 + record).expect("small") + 1;
            vec![byte; length]
        })
        .collect()
}

pub(crate) fn batches(numbers: std::ops::Range<u64>) -> Vec<Vec<Vec<u8>>> {
    numbers.map(batch).collect()
}

pub(crate) fn append(journal: &mut FileJournal, number: u64) -> Result<u64, Error> {
    let batch = batch(number);
    let records: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
    journal.append(&records).map(|position| position.sequence)
}

/// A closed (or merely dropped) log of these batches.
pub(crate) fn log_of(numbers: std::ops::Range<u64>, close: bool) -> MemoryDisk {
    log_on(MemoryDisk::new(), numbers, close)
}

/// As [`log_of`], on this disk.
pub(crate) fn log_on(disk: MemoryDisk, numbers: std::ops::Range<u64>, close: bool) -> MemoryDisk {
    let (mut journal, ..) = open(&disk).expect("a new log");
    for number in numbers {
        append(&mut journal, number).expect("append");
    }
    if close {
        journal.close().expect("close");
    }
    disk
}

/// The end of the last byte that is not zero.
pub(crate) fn content_end(disk: &MemoryDisk, path: &Path) -> usize {
    let bytes = disk.bytes(path).expect("there");
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}
