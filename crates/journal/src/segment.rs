//! Segment files: their names, their header, how one is made.
//!
//! A segment is written full of zeros before its first use: its blocks are then allocated and
//! written, so that an append changes no metadata and a full disk shows here, not in the middle
//! of a batch. It gets its name only after its header is on the disk.
//!
//! ```text
//!  0 magic "CHsegm01"   8 kind, zero-padded (24)   32 u64 index   40 u64 first sequence
//! 48 chain before it (32)   80 u64 length   88 zeros   124 u32 CRC-32 of 0..124
//! ```

use crate::blocks::Blocks;
use crate::error::io_error;
use crate::{Chain, Error, Files, LogFile};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const HEADER: usize = 128;
const MAGIC: &[u8; 8] = b"CHsegm01";
const KIND: usize = 24;
const ZEROS: usize = 1 << 20;

/// What the head of a segment file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub kind: String,
    pub index: u64,
    pub first_sequence: u64,
    pub chain: Chain,
    pub length: u64,
}

/// The chain before the first batch of a log of this kind.
pub fn genesis(kind: &str) -> Chain {
    blake3::derive_key("countinghouse journal v1 genesis", kind.as_bytes())
}

/// `0000000001.log`: the names sort as the segments follow.
pub(crate) fn name(index: u64) -> String {
    format!("{index:010}.log")
}

/// The index a name stands for, if it is a segment's.
pub(crate) fn index_of(file_name: &str) -> Option<u64> {
    let digits = file_name.strip_suffix(".log")?;
    let index = digits.parse().ok()?;
    (name(index) == file_name).then_some(index)
}

/// Whether a file of this name belongs to a log in files.
pub fn is_segment(file_name: &str) -> bool {
    index_of(file_name).is_some()
}

/// Whether a kind fits the header: 1 to 24 bytes of printable ASCII.
pub fn kind_fits(kind: &str) -> bool {
    (1..=KIND).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_graphic())
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[..8].copy_from_slice(MAGIC);
        out[8..8 + self.kind.len()].copy_from_slice(self.kind.as_bytes());
        out[32..40].copy_from_slice(&self.index.to_le_bytes());
        out[40..48].copy_from_slice(&self.first_sequence.to_le_bytes());
        out[48..80].copy_from_slice(&self.chain);
        out[80..88].copy_from_slice(&self.length.to_le_bytes());
        let crc = crc32fast::hash(&out[..124]);
        out[124..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let bytes: &[u8; HEADER] = bytes.first_chunk().ok_or("the segment header is cut short")?;
        if bytes[..8] != *MAGIC {
            return Err("this is no journal segment of a known version");
        }
        let number = |at: usize| {
            let mut raw = [0; 8];
            raw.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(raw)
        };
        if crc32fast::hash(&bytes[..124]).to_le_bytes() != bytes[124..] {
            return Err("the checksum of the segment header fails");
        }
        let kind = bytes[8..8 + KIND].split(|b| *b == 0).next().unwrap_or_default();
        let mut chain = [0; 32];
        chain.copy_from_slice(&bytes[48..80]);
        Ok(Self {
            kind: String::from_utf8_lossy(kind).into_owned(),
            index: number(32),
            first_sequence: number(40),
            chain,
            length: number(80),
        })
    }
}

/// The name of a segment that is not ready.
pub(crate) fn unfinished(dir: &Path, index: u64) -> PathBuf {
    dir.join(name(index)).with_extension("new")
}

/// Whether the file system cannot write past its cache.
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

/// Makes a file of zeros, durable under an unfinished name; `false` if it was told to stop.
pub(crate) fn fill(
    files: &dyn Files,
    path: &Path,
    length: u64,
    stop: &AtomicBool,
) -> Result<bool, Error> {
    let direct = files.create_direct(path).and_then(|file| zeros(&*file, length, stop));
    let filled = match direct {
        Err(error) if is_unsupported(&error) => {
            files.create(path).and_then(|file| zeros(&*file, length, stop))
        }
        other => other,
    };
    filled.map_err(io_error("fill", path))
}

/// Writes zeros in chunks, so that others' writes find their way in between.
fn zeros(file: &dyn LogFile, length: u64, stop: &AtomicBool) -> io::Result<bool> {
    let chunk = usize::try_from(length).unwrap_or(ZEROS).min(ZEROS);
    let mut zeros = Blocks::zeros(chunk);
    let zeros = zeros.whole();
    let mut offset = 0;
    while offset < length {
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let left = usize::try_from(length - offset).unwrap_or(ZEROS).min(zeros.len());
        file.write_all_at(&zeros[..left], offset)?;
        offset += left as u64;
    }
    file.sync()?;
    Ok(true)
}

/// A segment open for appending.
pub(crate) struct Attached {
    pub file: Box<dyn LogFile>,
    /// Whether its writes go past the cache and are on the disk when they return.
    pub direct: bool,
}

/// Opens a segment for appending and writes one of its blocks durably: past the cache if that is
/// wanted and this write shows that it can be done.
pub(crate) fn attach(
    files: &dyn Files,
    path: &Path,
    direct: bool,
    (block, offset): (&[u8], u64),
) -> Result<Attached, Error> {
    if direct {
        let opened = files.open_durable(path);
        match opened.and_then(|file| file.write_all_at(block, offset).map(|()| file)) {
            Ok(file) => return Ok(Attached { file, direct: true }),
            Err(error) if is_unsupported(&error) => {}
            Err(error) => return Err(io_error("write", path)(error)),
        }
    }
    let file = files.open(path).map_err(io_error("open", path))?;
    file.write_all_at(block, offset).map_err(io_error("write", path))?;
    file.sync().map_err(io_error("sync", path))?;
    Ok(Attached { file, direct: false })
}

/// Gives a file of zeros its header, and then its name.
pub(crate) fn christen(
    files: &dyn Files,
    dir: &Path,
    header: &Header,
    direct: bool,
) -> Result<(Attached, PathBuf), Error> {
    let path = dir.join(name(header.index));
    let unfinished = unfinished(dir, header.index);
    let mut block = Blocks::default();
    block.begin(&header.encode(), 0);
    let attached = attach(files, &unfinished, direct, (block.whole(), 0))?;
    files.rename(&unfinished, &path).map_err(io_error("name", &path))?;
    files.sync_dir(dir).map_err(io_error("sync", dir))?;
    Ok((attached, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_and_every_flipped_bit_is_seen() {
        let header = Header {
            kind: "test/1".to_owned(),
            index: 4,
            first_sequence: 99,
            chain: [5; 32],
            length: 4096,
        };
        let bytes = header.encode();
        assert_eq!(Header::parse(&bytes), Ok(header));
        for bit in 0..HEADER * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Header::parse(&damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn only_segment_names_have_an_index() {
        assert_eq!(index_of(&name(12)), Some(12));
        for other in ["lock", "1.log", "0000000001.new", "000000000x.log", ".log"] {
            assert_eq!(index_of(other), None, "{other}");
        }
    }
}
