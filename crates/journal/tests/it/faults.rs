//! Machines that die, syncs that fail, disks that fill.

use crate::support::{DISKS, append, batches, log_of, open, open_with, options, segment};
use journal::{BLOCK, Durability, Error, Journal as _, Options};
use testkit::{Fault, MemoryDisk, Survival};

/// Appends until something fails; how many batches were acknowledged.
fn append_all(disk: &MemoryDisk, durability: Durability, count: u64) -> u64 {
    append_with(disk, options(durability), count)
}

fn append_with(disk: &MemoryDisk, options: Options, count: u64) -> u64 {
    let Ok((mut journal, _, found)) = open_with(disk, options) else { return 0 };
    let first = found.len() as u64;
    for number in first..count {
        if append(&mut journal, number).is_err() {
            let refused = append(&mut journal, number).expect_err("fail-stop");
            assert!(matches!(refused, Error::Stopped { .. }), "{refused}");
            assert_eq!(journal.sync().expect_err("fail-stop").code(), "journal_stopped");
            assert_eq!(journal.seal().expect_err("fail-stop").code(), "journal_stopped");
            return number;
        }
    }
    count
}

/// Appends until the fault strikes, goes through a power cut, and sees what is there.
fn crash(disk: &MemoryDisk, options: Options, (fault, survival): (Fault, Survival)) {
    disk.plan(fault);
    let acknowledged = append_with(disk, options, 12);
    disk.restart(survival);
    let (mut journal, _, found) =
        open(disk).unwrap_or_else(|e| panic!("{fault:?} {survival:?}: {e}"));
    let kept = found.len() as u64;
    assert!(
        (acknowledged..=acknowledged + 1).contains(&kept),
        "{fault:?} {survival:?}: {acknowledged} acknowledged, {kept} kept"
    );
    assert_eq!(found, batches(0..kept), "{fault:?} {survival:?}");
    append(&mut journal, kept).expect("life goes on");
}

fn survivals(seed: u64) -> [Survival; 3] {
    [Survival::Nothing, Survival::Everything, Survival::Sectors(seed * 7919)]
}

#[test]
fn a_machine_that_dies_at_any_sync_or_write_keeps_what_was_acknowledged() {
    for make in DISKS {
        let whole = {
            let disk = make();
            append_all(&disk, Durability::Sync, 12);
            disk.syncs()
        };
        let syncs = (1..=whole).map(Fault::DieAtSync);
        // From the first byte of the first segment well into the second.
        let writes = (0..16_000).step_by(61).map(Fault::DieAfterBytes);
        for (round, fault) in syncs.chain(writes).enumerate() {
            for survival in survivals(round as u64) {
                crash(&make(), options(Durability::Sync), (fault, survival));
            }
        }
    }
}

/// Every byte of the writes of the last two batches: whole blocks, each with what was
/// acknowledged before in it.
#[test]
fn a_block_torn_at_any_byte_keeps_what_was_acknowledged_in_it() {
    let disk = log_of(0..10, false);
    for byte in 0..3 * BLOCK as u64 {
        let torn = disk.copy();
        torn.plan(Fault::DieAfterBytes(byte));
        let acknowledged = append_all(&torn, Durability::Sync, 12);
        torn.restart(Survival::Everything);
        let (.., found) = open(&torn).unwrap_or_else(|e| panic!("byte {byte}: {e}"));
        let kept = found.len() as u64;
        assert!(kept >= 10 && kept >= acknowledged, "byte {byte}: {kept}");
        assert_eq!(found, batches(0..kept), "byte {byte}");
    }
}

/// With the next segment being made at the same time nobody can say where a fault strikes; what
/// must hold is the same.
#[test]
fn a_machine_that_dies_while_a_segment_is_made_ahead_keeps_what_was_acknowledged() {
    let ahead = Options { ahead: true, ..options(Durability::Sync) };
    for make in DISKS {
        for round in 0..80 {
            for survival in survivals(round) {
                let fault = Fault::DieAfterBytes(4_096 + round * 311);
                crash(&make(), ahead.clone(), (fault, survival));
                crash(&make(), ahead.clone(), (Fault::DieAtSync(3 + round % 20), survival));
            }
        }
    }
}

#[test]
fn a_segment_that_cannot_be_made_ahead_is_made_when_it_is_needed() {
    let ahead = Options { ahead: true, ..options(Durability::Sync) };
    for make in DISKS {
        let disk = make();
        let (mut journal, ..) = open_with(&disk, ahead.clone()).expect("a new log");
        // Room for a part of the second segment, until the first is full.
        disk.plan(Fault::FullAfterBytes(100));
        let mut number = 0;
        while disk.bytes(&segment(2)).is_err() {
            if append(&mut journal, number).is_err() {
                break;
            }
            number += 1;
        }
        assert!(number > 0);
        drop(journal);
        disk.clear_faults();
        assert_eq!(append_with(&disk, ahead.clone(), 30), 30);
        let (.., found) = open(&disk).expect("open");
        assert_eq!(found, batches(0..30));
        let left = disk.paths().into_iter().filter(|p| p.extension().is_some_and(|e| e == "new"));
        assert_eq!(left.count(), 0, "nothing half made is left");
    }
}

#[test]
fn a_buffered_log_loses_only_its_end() {
    for seed in 0..200 {
        let disk = MemoryDisk::new();
        disk.plan(Fault::DieAfterBytes(4_224 + seed * 53));
        append_all(&disk, Durability::Buffered, 40);
        disk.restart(Survival::Sectors(seed));
        let (.., found) = open(&disk).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        assert_eq!(found, batches(0..found.len() as u64), "seed {seed}");
    }
}

#[test]
fn a_failed_sync_or_write_stops_the_log_until_it_is_opened_again() {
    let faults = [Fault::FailSync(3), Fault::FailWriteAfterBytes(100)];
    for (fault, make) in faults.into_iter().flat_map(|f| DISKS.map(|make| (f, make))) {
        let disk = make();
        let (journal, ..) = open(&disk).expect("a new log");
        drop(journal);
        disk.plan(fault);
        let acknowledged = append_all(&disk, Durability::Sync, 12);
        assert!(acknowledged < 3, "{fault:?}");
        assert_eq!(append_all(&disk, Durability::Sync, 12), 12, "{fault:?}");
        let (.., found) = open(&disk).expect("open");
        assert_eq!(found, batches(0..12), "{fault:?}");
    }
}

#[test]
fn a_full_disk_refuses_the_batch_and_keeps_the_rest() {
    for room in [0, 1, 128, 4095, 4096, 5000, 8191, 8192, 9000] {
        let disk = MemoryDisk::new();
        disk.plan(Fault::FullAfterBytes(room));
        let acknowledged = append_all(&disk, Durability::Sync, 40);
        assert!(acknowledged < 40, "{room}");
        assert_eq!(acknowledged > 0, room >= 4096, "{room}");
        disk.clear_faults();
        assert_eq!(append_all(&disk, Durability::Sync, 40), 40, "{room}: there is room again");
        let (.., found) = open(&disk).expect("open");
        assert_eq!(found, batches(0..40), "{room}");
    }
}
