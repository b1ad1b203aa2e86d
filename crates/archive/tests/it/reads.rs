//! Everything reads the same from memory, from what is frozen, and from runs and volumes.

use crate::support::{check, checkpoint, covered, open_with, options, put, put_all};
use archive::{Opening, Options};
use testkit::MemoryDisk;

#[test]
fn everything_reads_the_same_from_memory_and_from_any_number_of_runs() {
    for fresh_entries in [1, 5, 16, 100, 10_000] {
        let disk = MemoryDisk::new();
        let (mut archive, _) = open_with(&disk, Options { fresh_entries, ..options() });
        put_all(&mut archive, 1..=230).expect("put");
        check(&archive, 230).expect("read");
    }
}

#[test]
fn it_goes_on_behind_its_last_checkpoint() {
    let disk = MemoryDisk::new();
    let mut last = 0;
    for round in 1..=16 {
        let (mut archive, opening) = open_with(&disk, options());
        assert_eq!(covered(&opening), last, "round {round}");
        last += round * 3 % 29 + 1;
        (covered(&opening) + 1..=last).for_each(|step| put(&mut archive, step));
        archive.freeze(Some(checkpoint(last))).expect("freeze");
        // What comes after the checkpoint is lost with the process, and comes again.
        put(&mut archive, last + 1);
        check(&archive, last + 1).expect("read");
    }
}

#[test]
fn threads_write_and_merge_what_is_read_meanwhile() {
    let disk = MemoryDisk::new();
    let options = Options { background: true, ..options() };
    let (mut archive, _) = open_with(&disk, options);
    for part in 0..8 {
        put_all(&mut archive, part * 50 + 1..=part * 50 + 50).expect("put");
        check(&archive, part * 50 + 50).expect("read");
    }
    archive.freeze(Some(checkpoint(400))).expect("freeze");
    archive.settle().expect("settle");
    drop(archive);
    let (archive, opening) = open_with(&disk, options);
    assert_eq!(covered(&opening), 400);
    check(&archive, 400).expect("read");
}

#[test]
fn filters_that_have_no_room_are_asked_in_their_files() {
    let disk = MemoryDisk::new();
    let (mut archive, _) = open_with(&disk, Options { filter_bytes: 100, ..options() });
    put_all(&mut archive, 1..=300).expect("put");
    check(&archive, 300).expect("read");
}

#[test]
fn what_was_forgotten_begins_anew_and_leaves_nothing_behind() {
    let disk = MemoryDisk::new();
    let (mut archive, _) = open_with(&disk, options());
    put_all(&mut archive, 1..=100).expect("put");
    drop(archive);
    let dir = std::path::Path::new(crate::support::DIR);
    archive::forget(&disk, dir).expect("forget");
    archive::forget(&disk, dir).expect("there is nothing to forget");
    let (mut archive, opening) = open_with(&disk, options());
    assert!(matches!(opening, Opening::Anew { because: None }));
    assert!(disk.paths().is_empty(), "{:?}", disk.paths());
    put_all(&mut archive, 1..=50).expect("put");
    check(&archive, 50).expect("read");
}

#[test]
fn files_stay_few_however_often_it_is_closed() {
    let disk = MemoryDisk::new();
    for step in 1..=200 {
        let (mut archive, opening) = open_with(&disk, options());
        assert_eq!(covered(&opening), step - 1);
        put(&mut archive, step);
        archive.freeze(Some(checkpoint(step))).expect("freeze");
    }
    let paths = disk.paths();
    assert!(paths.len() < 40, "{paths:?}");
    check(&open_with(&disk, options()).0, 200).expect("read");
}
