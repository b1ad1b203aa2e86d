//! What the targets and the program that makes their seeds share: a log that is damaged by a
//! program of edits, so that the fuzzer reaches what lies behind the checksums.

pub mod pad;

use journal::{Error, FileJournal, Files, Journal as _, Options};
use std::path::{Path, PathBuf};
use testkit::MemoryDisk;

/// The kind of the log.
pub const KIND: &str = "fuzz/1";
/// The batches of the sound log: of none but a byte, of many records, longer than a sector and
/// longer than a block.
pub const BATCHES: [&[usize]; 6] = [&[1], &[0, 3, 700], &[40; 20], &[513], &[5_000], &[64, 64]];

/// Where the log lies.
pub fn dir() -> PathBuf {
    PathBuf::from("/log")
}

/// Where a segment lies.
pub fn segment(number: u64) -> PathBuf {
    dir().join(format!("{number:010}.log"))
}

/// Two blocks a segment, so that a few batches make several.
pub fn options() -> Options {
    Options { segment_bytes: 8_192, ahead: false, ..Options::new(KIND) }
}

/// The records of each batch of the sound log.
pub fn batches() -> Vec<Vec<Vec<u8>>> {
    let record = |(length, byte): (&usize, u8)| vec![byte; *length];
    BATCHES.iter().map(|batch| batch.iter().zip(1..).map(record).collect()).collect()
}

/// Appends a batch.
///
/// # Errors
/// Those of the journal.
pub fn append(journal: &mut FileJournal, batch: &[Vec<u8>]) -> Result<(), Error> {
    let records: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
    journal.append(&records).map(|_| ())
}

/// A disk with the sound log, left without being closed.
pub fn sound() -> MemoryDisk {
    let disk = MemoryDisk::new();
    let opened = FileJournal::open(disk.files(), &dir(), options(), &mut |_| Ok(()));
    let (mut journal, _) = opened.expect("an empty disk");
    for batch in batches() {
        append(&mut journal, &batch).expect("room");
    }
    disk
}

/// A disk with these bytes as the one segment of a log.
pub fn raw(bytes: &[u8]) -> MemoryDisk {
    let disk = MemoryDisk::new();
    write(&disk, &segment(1), bytes);
    disk
}

/// Puts a file there.
pub fn write(disk: &MemoryDisk, path: &Path, bytes: &[u8]) {
    disk.create(path).expect("a disk without faults");
    disk.set_bytes(path, bytes).expect("it was made");
}

/// How long an edit is, bytes: segment, place (2), length, value.
const EDIT: usize = 5;

/// Plays a program of edits on a disk: each puts up to 255 times a byte over what is there, from
/// a place in one of the segments; of length 0 it cuts the file there.
pub fn damage(disk: &MemoryDisk, program: &[u8]) {
    for edit in program.chunks_exact(EDIT) {
        let path = segment(u64::from(edit[0] % 4) + 1);
        let Ok(mut bytes) = disk.bytes(&path) else { continue };
        let at = usize::from(u16::from_le_bytes([edit[1], edit[2]])).min(bytes.len());
        let end = (at + usize::from(edit[3])).min(bytes.len());
        if edit[3] == 0 {
            bytes.truncate(at);
        } else {
            bytes[at..end].fill(edit[4]);
        }
        disk.set_bytes(&path, &bytes).expect("it is there");
    }
}
