//! One batch as bytes: header, records, padding, end mark. Pure.
//!
//! ```text
//!  0 magic "CHb1"   4 u32 records' bytes   8 u64 sequence   16 u64 durable sequence
//! 24 u32 records   28 u32 zero            32 chain (32)    64 u32 CRC-32 of 0..64
//! 68 records: u32 length, u32 CRC-32 of length and bytes, bytes
//!    zero padding, so that the whole is a multiple of 8; then "CHb1.end"
//! ```

use crate::{Chain, Error, MAX_BATCH_BYTES, MAX_RECORD_BYTES, Place};

pub(crate) const HEADER: usize = 68;
pub(crate) const RECORD_HEADER: usize = 8;
const MAGIC: &[u8; 4] = b"CHb1";
const END: &[u8; 8] = b"CHb1.end";

/// A batch read back from a log.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Its number; the first is 1, no gaps (seals count).
    pub sequence: u64,
    /// The hash over it and all before it.
    pub chain: Chain,
    /// Where it is.
    pub place: Place,
    body: &'a [u8],
}

impl<'a> Batch<'a> {
    /// Its records, in the order they were appended.
    pub fn records(&self) -> Records<'a> {
        Records { rest: self.body }
    }

    /// As [`Batch::records`], each with its place.
    pub fn placed_records(&self) -> impl Iterator<Item = (Place, &'a [u8])> {
        self.place.records(self.records().map(<[u8]>::len)).zip(self.records())
    }

    pub(crate) fn body_len(&self) -> usize {
        self.body.len()
    }
}

/// The records of a batch.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let (_, rest) = rest.split_first_chunk::<4>()?;
        let (record, rest) = rest.split_at_checked(to_usize(u32::from_le_bytes(*length)))?;
        self.rest = rest;
        Some(record)
    }
}

/// The fixed part of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub body_bytes: usize,
    pub sequence: u64,
    /// Up to which batch the log was known to be on the disk when this one was written.
    pub durable: u64,
    pub records: u32,
    pub chain: Chain,
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// The length of a whole frame with this many bytes of records.
pub(crate) const fn frame_bytes(body_bytes: usize) -> usize {
    (HEADER + body_bytes).next_multiple_of(8) + END.len()
}

impl Header {
    /// Reads the header at the start of `bytes`, if a whole and sound one is there.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.first_chunk::<4>()? != MAGIC {
            return None;
        }
        let crc = u32::from_le_bytes(array(bytes, 64)?);
        if crc32fast::hash(bytes.get(..64)?) != crc {
            return None;
        }
        let body_bytes = to_usize(u32::from_le_bytes(array(bytes, 4)?));
        (body_bytes <= MAX_BATCH_BYTES).then_some(Self {
            body_bytes,
            sequence: u64::from_le_bytes(array(bytes, 8)?),
            durable: u64::from_le_bytes(array(bytes, 16)?),
            records: u32::from_le_bytes(array(bytes, 24)?),
            chain: array(bytes, 32)?,
        })
    }
}

/// Appends the frame of a batch to `out`; returns the batch's chain.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    previous: &Chain,
    (sequence, durable): (u64, u64),
    records: &[&[u8]],
) -> Chain {
    let start = out.len();
    let body_bytes = body_bytes(records);
    out.reserve(frame_bytes(body_bytes));
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&to_u32(body_bytes).to_le_bytes());
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&durable.to_le_bytes());
    out.extend_from_slice(&to_u32(records.len()).to_le_bytes());
    out.resize(start + HEADER, 0);
    for record in records {
        let length = to_u32(record.len()).to_le_bytes();
        out.extend_from_slice(&length);
        out.extend_from_slice(&record_crc(length, record).to_le_bytes());
        out.extend_from_slice(record);
    }
    let frame = &mut out[start..];
    let chain = chain(previous, &frame[..32], &frame[HEADER..]);
    frame[32..64].copy_from_slice(&chain);
    let crc = crc32fast::hash(&frame[..64]);
    frame[64..HEADER].copy_from_slice(&crc.to_le_bytes());
    out.resize(start + frame_bytes(body_bytes) - END.len(), 0);
    out.extend_from_slice(END);
    chain
}

/// How many bytes these records take in a frame.
pub(crate) fn body_bytes(records: &[&[u8]]) -> usize {
    records.iter().map(|r| r.len().saturating_add(RECORD_HEADER)).fold(0, usize::saturating_add)
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn record_crc(length: [u8; 4], record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(record);
    hasher.finalize()
}

/// How many bytes the record takes that begins here, its head included.
pub(crate) fn record_bytes(bytes: &[u8]) -> Option<usize> {
    let length = to_usize(u32::from_le_bytes(array(bytes, 0)?));
    length.checked_add(RECORD_HEADER)
}

/// Whether these bytes, head and all, are a record as it was written.
pub(crate) fn record_is_sound(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return false };
    let Some((crc, record)) = rest.split_first_chunk::<4>() else { return false };
    record_crc(*length, record) == u32::from_le_bytes(*crc)
}

fn chain(previous: &Chain, head: &[u8], body: &[u8]) -> Chain {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(head);
    hasher.update(body);
    *hasher.finalize().as_bytes()
}

/// Reads the batch whose sound header this is; the reason if anything in it is not as written.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    header: &Header,
    previous: &Chain,
    place: Place,
) -> Result<Batch<'a>, String> {
    let total = frame_bytes(header.body_bytes);
    let frame = bytes.get(..total).ok_or("the batch runs past the end of the segment")?;
    let (content, end) = frame.split_at(total - END.len());
    if end != END {
        return Err("the end mark is missing".to_owned());
    }
    let (head, rest) = content.split_at(HEADER);
    let (body, padding) = rest.split_at(header.body_bytes);
    if padding.iter().any(|byte| *byte != 0) {
        return Err("the padding is not zero".to_owned());
    }
    check_records(body, header.records)?;
    if chain(previous, &head[..32], body) != header.chain {
        return Err("the hash chain does not lead here from the batch before".to_owned());
    }
    Ok(Batch { sequence: header.sequence, chain: header.chain, place, body })
}

/// Why bytes are not the batch that was to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// Sound in itself and yet in the wrong place: never the work of a crash.
    Damaged(String),
    /// Not as it was to be written.
    Unfinished(String),
}

impl Bad {
    /// What is wrong, in a sentence.
    pub fn reason(self) -> String {
        match self {
            Self::Damaged(reason) | Self::Unfinished(reason) => reason,
        }
    }
}

/// The batch at the start of `rest`, which is to follow the batch of this number and chain.
///
/// # Errors
/// [`Bad`], if another is there, or none.
pub fn follow<'b>(
    rest: &'b [u8],
    (sequence, chain): (u64, &Chain),
    place: Place,
) -> Result<Batch<'b>, Bad> {
    let header = Header::parse(rest)
        .ok_or_else(|| Bad::Unfinished("the checksum of a batch header fails".to_owned()))?;
    let wanted = sequence + 1;
    if header.sequence != wanted || header.durable >= wanted {
        let reason = format!("batch {} stands where {wanted} belongs", header.sequence);
        return Err(Bad::Damaged(reason));
    }
    decode(rest, &header, chain, place).map_err(Bad::Unfinished)
}

/// Whether a batch of these records may be appended.
///
/// # Errors
/// [`Error::BadBatch`].
pub fn check(records: &[&[u8]]) -> Result<(), Error> {
    let bytes = body_bytes(records);
    let bad = |reason| Err(Error::BadBatch { records: records.len(), bytes, reason });
    if records.is_empty() {
        return bad("it has no record");
    }
    if records.iter().any(|record| record.len() > MAX_RECORD_BYTES) {
        return bad("a record is longer than 16 MiB");
    }
    if bytes > MAX_BATCH_BYTES {
        return bad("it is longer than 64 MiB");
    }
    Ok(())
}

fn check_records(body: &[u8], wanted: u32) -> Result<(), String> {
    let mut rest = body;
    let mut found = 0u32;
    while !rest.is_empty() {
        let failed = || format!("the checksum of record {found} fails");
        let (length, tail) = rest.split_first_chunk::<4>().ok_or_else(failed)?;
        let (crc, tail) = tail.split_first_chunk::<4>().ok_or_else(failed)?;
        let (record, tail) =
            tail.split_at_checked(to_usize(u32::from_le_bytes(*length))).ok_or_else(failed)?;
        if record_crc(*length, record) != u32::from_le_bytes(*crc) {
            return Err(failed());
        }
        rest = tail;
        found = found.saturating_add(1);
    }
    if found != wanted {
        return Err(format!("{found} records where the header names {wanted}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<u8>, Chain) {
        let mut out = Vec::new();
        let chain = encode(&mut out, &[7; 32], (3, 2), &[b"one", b"", b"three"]);
        (out, chain)
    }

    #[test]
    fn a_batch_reads_back_as_written() {
        let (bytes, chain) = sample();
        assert_eq!(bytes.len() % 8, 0);
        let header = Header::parse(&bytes).expect("sound");
        assert_eq!((header.sequence, header.durable, header.records), (3, 2, 3));
        let batch = decode(&bytes, &header, &[7; 32], Place::default()).expect("sound");
        assert_eq!(batch.chain, chain);
        let records: Vec<&[u8]> = batch.records().collect();
        assert_eq!(records, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let (bytes, _) = sample();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let sound = Header::parse(&damaged).is_some_and(|header| {
                decode(&damaged, &header, &[7; 32], Place::default()).is_ok()
            });
            assert!(!sound, "bit {bit}");
        }
    }

    #[test]
    fn a_batch_after_another_past_is_refused() {
        let (bytes, _) = sample();
        let header = Header::parse(&bytes).expect("sound");
        assert!(decode(&bytes, &header, &[8; 32], Place::default()).is_err());
    }
}
