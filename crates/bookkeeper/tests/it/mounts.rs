//! Real file systems that fill: one that writes past its cache, one that cannot. Where this process
//! may not mount any, the same is played on a disk in memory.

use crate::full::{PAYMENTS, pay};
use crate::support::{balance, chart, config_at, furnish, merchant, ticking};
use bookkeeper::{Bookkeeper, IndexOptions, Storage, verify};
use journal::{Files, RealFiles};
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::{Fault, MemoryDisk};

/// A file system of a few MiB, unmounted when it is dropped.
struct Mount(TempDir);

fn succeeds(command: &str, words: &[&str]) -> bool {
    let ran =
        Command::new(command).args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ran.is_ok_and(|status| status.success())
}

impl Mount {
    fn at(words: &[&str]) -> Option<Self> {
        let place = tempfile::tempdir().expect("a folder");
        let shown = place.path().display().to_string();
        succeeds("mount", &[words, &[&shown]].concat()).then_some(Self(place))
    }

    fn tmpfs() -> Option<Self> {
        Self::at(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
    }

    /// Of a file of this many bytes; the mount keeps the file when its name is gone.
    fn ext4() -> Option<Self> {
        let image = tempfile::NamedTempFile::new().expect("a file");
        image.as_file().set_len(8 << 20).expect("room");
        let shown = image.path().display().to_string();
        succeeds("mkfs.ext4", &["-q", "-F", "-m", "0", "-O", "^has_journal", &shown])
            .then(|| Self::at(&["-o", "loop", &shown]))?
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        succeeds("umount", &[&self.0.path().display().to_string()]);
    }
}

/// Something that can be filled, and emptied again.
enum Disk {
    Real(Mount),
    Memory(MemoryDisk),
}

impl Disk {
    fn files(&self) -> Arc<dyn Files> {
        match self {
            Self::Real(_) => Arc::new(RealFiles),
            Self::Memory(disk) => disk.files(),
        }
    }

    fn dir(&self) -> PathBuf {
        match self {
            Self::Real(mount) => mount.0.path().join("book"),
            Self::Memory(_) => PathBuf::from("/book"),
        }
    }

    /// Fills it up to so many bytes.
    fn fill(&self, room: u64) {
        match self {
            Self::Real(mount) => fill(&mount.0.path().join("ballast"), room),
            Self::Memory(disk) => disk.plan(Fault::FullAfterBytes(room)),
        }
    }

    fn empty(&self) {
        match self {
            Self::Real(mount) => {
                std::fs::remove_file(mount.0.path().join("ballast")).expect("removed");
            }
            Self::Memory(disk) => disk.clear_faults(),
        }
    }

    fn open(&self) -> Bookkeeper {
        let index = IndexOptions { fresh_entries: 9, background: false, ..IndexOptions::new(0) };
        let files = self.files();
        let storage = Storage { files, index, states_of_journal: 0, ..Storage::default() };
        let storage = Storage { segment_bytes: 8 << 10, ..storage };
        Bookkeeper::open_on(storage, config_at(&self.dir()), chart(), ticking()).expect("open")
    }

    fn verify(&self) {
        let storage = Storage { files: self.files(), ..Storage::default() };
        let scratch = tempfile::tempdir().expect("a folder");
        let found = verify(&storage, &self.dir(), scratch.path(), chart(), &mut |_| {});
        assert!(found.expect("a sound book").holds());
    }
}

fn fill(path: &Path, room: u64) {
    let mut ballast = File::create(path).expect("a file");
    loop {
        match ballast.write(&[1; 4_096]) {
            Ok(_) => {}
            Err(full) if full.kind() == ErrorKind::StorageFull => break,
            Err(other) => panic!("{other}"),
        }
    }
    ballast.sync_all().expect("synced");
    let length = ballast.metadata().expect("its length").len();
    ballast.set_len(length.saturating_sub(room)).expect("cut");
    ballast.sync_all().expect("synced");
}

#[test]
fn a_file_system_that_fills_stops_the_book_and_opens_clean_when_there_is_room() {
    let makes = [
        ("tmpfs", Mount::tmpfs as fn() -> Option<Mount>, MemoryDisk::cached_only as fn() -> _),
        ("ext4", Mount::ext4, MemoryDisk::new),
    ];
    for (name, mount, memory) in makes {
        for room in [0, 4_096, 12_288] {
            let disk = mount().map_or_else(|| Disk::Memory(memory()), Disk::Real);
            let real = matches!(disk, Disk::Real(_));
            eprintln!("{name} ({}), {room} bytes left", if real { "mounted" } else { "in memory" });
            let book = disk.open();
            furnish(&book, 1, 1_000);
            disk.fill(room);
            let acknowledged = pay(&book);
            assert!(acknowledged < PAYMENTS, "it was never full");
            let seen = balance(&book, merchant());
            drop(book);
            disk.empty();

            disk.verify();
            let book = disk.open();
            let kept = balance(&book, merchant());
            let acknowledged = i128::from(acknowledged);
            assert!((acknowledged..=acknowledged + 1).contains(&kept), "{acknowledged}, {kept}");
            assert!(seen <= kept, "readers saw what is gone");
            assert_eq!(pay(&book), PAYMENTS, "there is room again");
            assert_eq!(balance(&book, merchant()), i128::from(PAYMENTS), "once each");
            drop(book);
            disk.verify();
        }
    }
}
