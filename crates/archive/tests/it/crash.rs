//! A death at any write or sync of a freeze, a checkpoint or a merge leaves a checkpoint that
//! was made, whole, from which everything can go on.

use crate::support::{check, covered, open_with, options, put_all};
use archive::Options;
use testkit::{Fault, MemoryDisk, Survival};

const STEPS: u64 = 100;

/// Whether the fault struck.
fn die_and_go_on(options: Options, fault: Fault, survival: Survival) -> bool {
    let what = format!("{fault:?}, {survival:?}");
    let disk = MemoryDisk::new();
    let (mut archive, _) = open_with(&disk, options);
    disk.plan(fault);
    let made = put_all(&mut archive, 1..=STEPS);
    let struck = made.is_err();
    let made = made.unwrap_or_else(|(last, _)| last);
    drop(archive);
    disk.restart(survival);

    let (mut archive, opening) = open_with(&disk, options);
    let from = covered(&opening);
    assert!(from >= made, "{what}: made at {made}, found {from}");
    check(&archive, from).unwrap_or_else(|error| panic!("{what}: {error}"));
    put_all(&mut archive, from + 1..=STEPS).unwrap_or_else(|(_, e)| panic!("{what}: {e}"));
    check(&archive, STEPS).unwrap_or_else(|error| panic!("{what}: {error}"));
    struck
}

#[test]
fn at_any_sync() {
    let mut sync = 1;
    while die_and_go_on(options(), Fault::DieAtSync(sync), Survival::Nothing) {
        die_and_go_on(options(), Fault::DieAtSync(sync), Survival::Everything);
        die_and_go_on(options(), Fault::DieAtSync(sync), Survival::Sectors(sync));
        die_and_go_on(options(), Fault::FailSync(sync), Survival::Nothing);
        sync += 1;
    }
    assert!(sync > 20, "only {sync} syncs");
}

#[test]
fn in_the_middle_of_any_write() {
    let mut bytes = 0;
    while die_and_go_on(options(), Fault::DieAfterBytes(bytes), Survival::Everything) {
        die_and_go_on(options(), Fault::DieAfterBytes(bytes), Survival::Sectors(bytes));
        die_and_go_on(options(), Fault::FullAfterBytes(bytes), Survival::Nothing);
        bytes += 2_501;
    }
    assert!(bytes > 20_000, "only {bytes} bytes");
}

#[test]
fn on_threads_of_its_own() {
    let options = Options { background: true, ..options() };
    for sync in (1..40).step_by(3) {
        let disk = MemoryDisk::new();
        let (mut archive, _) = open_with(&disk, options);
        disk.plan(Fault::DieAtSync(sync));
        let _ = put_all(&mut archive, 1..=STEPS);
        drop(archive);
        disk.restart(Survival::Sectors(sync));
        let (mut archive, opening) = open_with(&disk, options);
        put_all(&mut archive, covered(&opening) + 1..=STEPS).expect("put");
        check(&archive, STEPS).expect("read");
    }
}
