//! The journal's reader: whatever stands in the files, it reads what was written, up to a place,
//! or names the damage; it never panics and never invents. The first byte of the input chooses:
//! the rest is a segment, or a program of edits to a sound log.

#![no_main]

use fuzz::{append, batches, damage, dir, options, raw, sound};
use journal::{Error, FileJournal, FileReader, Place, Reader as _};
use libfuzzer_sys::fuzz_target;
use testkit::MemoryDisk;

type Batches = Vec<Vec<Vec<u8>>>;

fn read(disk: &MemoryDisk) -> Result<Batches, Error> {
    let mut found = Batches::new();
    journal::read(disk, &dir(), fuzz::KIND, &mut |batch| {
        found.push(batch.records().map(<[u8]>::to_vec).collect());
        Ok(())
    })?;
    Ok(found)
}

fn open(disk: &MemoryDisk) -> Result<(FileJournal, Batches), Error> {
    let mut found = Batches::new();
    let (journal, _) = FileJournal::open(disk.files(), &dir(), options(), &mut |batch| {
        found.push(batch.records().map(<[u8]>::to_vec).collect());
        Ok(())
    })?;
    Ok((journal, found))
}

/// Opening finds what reading found; then life goes on.
fn goes_on(disk: &MemoryDisk) -> Option<Batches> {
    let before: Vec<_> = disk.paths().iter().map(|path| disk.bytes(path).ok()).collect();
    let seen = read(disk);
    let after: Vec<_> = disk.paths().iter().map(|path| disk.bytes(path).ok()).collect();
    assert_eq!(before, after, "reading changes nothing");
    let opened = open(disk);
    assert_eq!(seen.is_ok(), opened.is_ok(), "{seen:?}");
    let (mut journal, mut found) = opened.ok()?;
    assert_eq!(seen.ok().as_ref(), Some(&found));
    let kept = found.clone();
    let next = vec![b"life goes on".to_vec()];
    append(&mut journal, &next).expect("a log that opens takes a batch");
    found.push(next);
    journal.close().expect("closed");
    assert_eq!(read(disk).expect("sound"), found);
    Some(kept)
}

/// Any place may be asked for; what is no record there is an error.
fn read_anywhere(disk: &MemoryDisk, program: &[u8]) {
    let reader = FileReader::new(disk.files(), dir());
    let mut record = Vec::new();
    for place in program.chunks_exact(8) {
        let bits = u64::from_le_bytes(place.try_into().expect("eight bytes"));
        for bits in [bits, (1 << 32) | (bits % 8_200)] {
            let _ = reader.record(Place::from_bits(bits), &mut record);
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    if choice % 2 == 0 {
        let disk = raw(rest);
        read_anywhere(&disk, rest);
        goes_on(&disk);
        return;
    }
    let disk = sound();
    damage(&disk, rest);
    read_anywhere(&disk, rest);
    if let Some(kept) = goes_on(&disk) {
        let whole = batches();
        assert_eq!(Some(&kept[..]), whole.get(..kept.len()), "what was written, up to a place");
    }
});
