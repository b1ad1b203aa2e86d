//! The one file that says what counts: a checkpoint and the runs and volumes that belong to it.
//!
//! ```text
//! "CHmani01", u64 next number, varint and tag, snapshot (u64 number, u64 length, hash 32),
//! varint and runs (u64 number, u64 count), varint and volumes (u64 number, u64 weight),
//! BLAKE3 of all before (32)
//! ```

use crate::codec::{Cursor, put_varint};
use crate::error::{corrupt, io_error};
use crate::sink::{Sink, Source};
use crate::snapshot::SnapshotRef;
use crate::{Error, MAX_TAG_BYTES};
use journal::Files;
use std::path::Path;

pub(crate) const NAME: &str = "manifest";
const UNFINISHED: &str = "manifest.new";
const MAGIC: &[u8; 8] = b"CHmani01";
const HASH: usize = 32;
/// A manifest longer than this is none of ours: its lists grow with the logarithm of the past.
const MAX_BYTES: u64 = 1 << 20;

/// A run or a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub number: u64,
    pub size: u64,
}

/// What counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Numbers from here on were never given to a file that counts.
    pub next: u64,
    pub tag: Vec<u8>,
    pub snapshot: SnapshotRef,
    pub runs: Vec<Part>,
    pub volumes: Vec<Part>,
}

impl Manifest {
    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.next.to_le_bytes());
        put_varint(&mut out, self.tag.len() as u64);
        out.extend_from_slice(&self.tag);
        out.extend_from_slice(&self.snapshot.number.to_le_bytes());
        out.extend_from_slice(&self.snapshot.length.to_le_bytes());
        out.extend_from_slice(&self.snapshot.hash);
        for parts in [&self.runs, &self.volumes] {
            put_varint(&mut out, parts.len() as u64);
            for part in parts {
                out.extend_from_slice(&part.number.to_le_bytes());
                out.extend_from_slice(&part.size.to_le_bytes());
            }
        }
        let hash = blake3::hash(&out);
        out.extend_from_slice(hash.as_bytes());
        out
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (content, hash) = bytes.split_at_checked(bytes.len().checked_sub(HASH)?)?;
        if *blake3::hash(content).as_bytes() != *hash {
            return None;
        }
        let mut cursor = Cursor::new(content);
        if cursor.array::<8>()? != *MAGIC {
            return None;
        }
        let next = cursor.u64()?;
        let length = cursor.count(1).filter(|length| *length <= MAX_TAG_BYTES)?;
        let tag = cursor.bytes(length)?.to_vec();
        let snapshot =
            SnapshotRef { number: cursor.u64()?, length: cursor.u64()?, hash: cursor.array()? };
        let mut parts = || {
            let count = cursor.count(16)?;
            let part = |_| Some(Part { number: cursor.u64()?, size: cursor.u64()? });
            (0..count).map(part).collect::<Option<Vec<_>>>()
        };
        let (runs, volumes) = (parts()?, parts()?);
        cursor.is_empty().then_some(Self { next, tag, snapshot, runs, volumes })
    }

    /// Puts this manifest in place of the one before. What it names must be synced before, names
    /// and contents.
    pub(crate) fn write(&self, files: &dyn Files, dir: &Path) -> Result<(), Error> {
        let unfinished = dir.join(UNFINISHED);
        let mut sink = Sink::create(files, unfinished.clone())?;
        sink.write(&self.encode())?;
        sink.finish()?;
        let path = dir.join(NAME);
        files.rename(&unfinished, &path).map_err(io_error("name", &path))?;
        files.sync_dir(dir).map_err(io_error("sync", dir))
    }

    pub(crate) fn read(files: &dyn Files, dir: &Path) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let source = Source::open(files, &path)?;
        if source.length() > MAX_BYTES {
            return Err(corrupt(&path, 0, "the manifest is longer than any"));
        }
        let bytes = source.read(0, usize::try_from(source.length()).unwrap_or(usize::MAX))?;
        Self::parse(&bytes).ok_or_else(|| corrupt(&path, 0, "the manifest is not as written"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_every_flipped_bit_and_cut_is_seen() {
        let part = |number| Part { number, size: number * 7 };
        let manifest = Manifest {
            next: 12,
            tag: b"where the log stood".to_vec(),
            snapshot: SnapshotRef { number: 3, length: 99, hash: [4; 32] },
            runs: vec![part(1), part(2)],
            volumes: vec![part(4)],
        };
        let bytes = manifest.encode();
        assert_eq!(Manifest::parse(&bytes).as_ref(), Some(&manifest));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Manifest::parse(&damaged), None, "bit {bit}");
        }
        assert!((0..bytes.len()).all(|cut| Manifest::parse(&bytes[..cut]).is_none()));
    }
}
