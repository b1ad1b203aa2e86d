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

use crate::error::io_error;
use crate::{Chain, Error, Files, LogFile};
use std::path::{Path, PathBuf};

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
pub(crate) fn genesis(kind: &str) -> Chain {
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

/// Whether a kind fits the header: 1 to 24 bytes of printable ASCII.
pub(crate) fn kind_fits(kind: &str) -> bool {
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

/// Makes the segment durable under its name and returns it with its path.
pub(crate) fn create(
    files: &dyn Files,
    dir: &Path,
    header: &Header,
) -> Result<(Box<dyn LogFile>, PathBuf), Error> {
    let path = dir.join(name(header.index));
    let unfinished = path.with_extension("new");
    let file = files.create(&unfinished).map_err(io_error("create", &unfinished))?;
    let zeros = vec![0; ZEROS];
    let mut offset = 0;
    while offset < header.length {
        let left = usize::try_from(header.length - offset).unwrap_or(ZEROS).min(ZEROS);
        file.write_all_at(&zeros[..left], offset).map_err(io_error("fill", &unfinished))?;
        offset += left as u64;
    }
    file.write_all_at(&header.encode(), 0).map_err(io_error("write", &unfinished))?;
    file.sync().map_err(io_error("sync", &unfinished))?;
    files.rename(&unfinished, &path).map_err(io_error("name", &path))?;
    files.sync_dir(dir).map_err(io_error("sync", dir))?;
    Ok((file, path))
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
