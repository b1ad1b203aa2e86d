//! Machines that die, syncs that fail, disks that fill.

use crate::support::{append, batches, open, open_with, options};
use journal::{Durability, Error};
use testkit::{Fault, MemoryDisk, Survival};

/// Appends until something fails; how many batches were acknowledged.
fn append_all(disk: &MemoryDisk, durability: Durability, count: u64) -> u64 {
    let Ok((mut journal, _, found)) = open_with(disk, options(durability)) else { return 0 };
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

#[test]
fn a_machine_that_dies_at_any_sync_or_write_keeps_what_was_acknowledged() {
    let whole = {
        let disk = MemoryDisk::new();
        append_all(&disk, Durability::Sync, 12);
        disk.syncs()
    };
    let syncs = (1..=whole).map(Fault::DieAtSync);
    // From the first byte of the first segment well into the second.
    let writes = (0..16_000).step_by(61).map(Fault::DieAfterBytes);
    for (round, fault) in syncs.chain(writes).enumerate() {
        for survival in
            [Survival::Nothing, Survival::Everything, Survival::Sectors(round as u64 * 7919)]
        {
            let disk = MemoryDisk::new();
            disk.plan(fault);
            let acknowledged = append_all(&disk, Durability::Sync, 12);
            disk.restart(survival);
            let (mut journal, _, found) =
                open(&disk).unwrap_or_else(|e| panic!("{fault:?} {survival:?}: {e}"));
            let kept = found.len() as u64;
            assert!(
                (acknowledged..=acknowledged + 1).contains(&kept),
                "{fault:?} {survival:?}: {acknowledged} acknowledged, {kept} kept"
            );
            assert_eq!(found, batches(0..kept), "{fault:?} {survival:?}");
            append(&mut journal, kept).expect("life goes on");
        }
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
    for fault in [Fault::FailSync(3), Fault::FailWriteAfterBytes(100)] {
        let disk = MemoryDisk::new();
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
