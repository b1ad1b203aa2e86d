//! Damage is seen, wherever it is: never a wrong answer.

use crate::support::{check, checkpoint, covered, open_with, options, put_all, try_open};
use archive::{Error, Opening};
use testkit::MemoryDisk;

const STEPS: u64 = 60;

fn made() -> MemoryDisk {
    let disk = MemoryDisk::new();
    let (mut archive, _) = open_with(&disk, options());
    put_all(&mut archive, 1..=STEPS).expect("put");
    archive.freeze(Some(checkpoint(STEPS))).expect("freeze");
    disk
}

/// Opens and reads everything: right, or damage that is named. Whether it was seen.
fn is_seen(disk: &MemoryDisk, what: &str) -> bool {
    let (archive, opening) = try_open(disk, options()).unwrap_or_else(|e| panic!("{what}: {e}"));
    if let Opening::Anew { because } = opening {
        assert!(matches!(because, None | Some(Error::Corrupt { .. } | Error::Io { .. })), "{what}");
        return true;
    }
    assert_eq!(covered(&opening), STEPS, "{what}");
    match check(&archive, STEPS) {
        Ok(()) => false,
        Err(Error::Corrupt { .. }) => true,
        Err(other) => panic!("{what}: {other}"),
    }
}

#[test]
fn every_flipped_byte_of_every_file_is_seen_or_changes_nothing() {
    let disk = made();
    let (mut seen, mut all) = (0, 0);
    for path in disk.paths() {
        let length = disk.bytes(&path).expect("there").len();
        for byte in (0..length).step_by(if length > 4_000 { 89 } else { 7 }) {
            let copy = disk.copy();
            copy.flip_bit(&path, byte * 8 + byte % 8).expect("flip");
            all += 1;
            seen += usize::from(is_seen(&copy, &format!("{} at {byte}", path.display())));
        }
    }
    assert_eq!(seen, all, "every byte counts");
}

#[test]
fn every_file_that_is_missing_cut_short_or_anothers_is_seen() {
    let disk = made();
    let paths = disk.paths();
    for path in &paths {
        let bytes = disk.bytes(path).expect("there");
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            let copy = disk.copy();
            copy.set_bytes(path, &bytes[..length]).expect("cut");
            assert!(is_seen(&copy, &format!("{} cut to {length}", path.display())));
        }
        for other in paths.iter().filter(|other| *other != path) {
            let copy = disk.copy();
            copy.set_bytes(path, &disk.bytes(other).expect("there")).expect("swap");
            assert!(is_seen(&copy, &format!("{} is {}", path.display(), other.display())));
        }
        let copy = disk.copy();
        journal::Files::remove(&copy, path).expect("remove");
        assert!(is_seen(&copy, &format!("{} is gone", path.display())));
    }
}
