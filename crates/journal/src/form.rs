//! For homes outside this crate: the form of a batch, which is the same wherever it lies.

use crate::frame::{self, Bad, Header, follow};
use crate::{Batch, Chain, Error, MAX_RECORD_BYTES, Place, segment};

pub use crate::frame::check;
pub use crate::segment::{genesis, kind_fits};

/// Read at once: the head of a record and what most are long.
pub const FIRST_READ: usize = 4_096 + 512;

/// Appends the frame of the batch behind `sequence`, all of which is durable, to `out`; returns
/// its chain.
///
/// # Errors
/// [`Error::BadBatch`].
pub fn encode(
    (sequence, chain): (u64, &Chain),
    records: &[&[u8]],
    out: &mut Vec<u8>,
) -> Result<Chain, Error> {
    check(records)?;
    Ok(frame::encode(out, chain, (sequence + 1, sequence), records))
}

/// The batch that these bytes are, and nothing else; the reason if they are not the one that
/// follows `sequence` and `chain`.
///
/// # Errors
/// What is wrong with them.
pub fn decode<'b>(
    bytes: &'b [u8],
    (sequence, chain): (u64, &Chain),
    place: Place,
) -> Result<Batch<'b>, String> {
    let batch = follow(bytes, (sequence, chain), place).map_err(Bad::reason)?;
    if frame::frame_bytes(batch.body_len()) != bytes.len() {
        return Err("bytes follow the batch that do not belong to it".to_owned());
    }
    Ok(batch)
}

/// The number and chain that the head of a frame tells, if it is sound.
pub fn told(bytes: &[u8]) -> Option<(u64, Chain)> {
    Header::parse(bytes).map(|header| (header.sequence, header.chain))
}

/// Where a frame of this length goes that follows one at `last` of `last_bytes`, as if both lay in
/// segment files; a log without a batch begins at the default place and none.
pub fn next_place(last: Place, last_bytes: usize, bytes: usize) -> Place {
    let offset = u64::from(last.offset).saturating_add(last_bytes as u64);
    let end = offset.saturating_add(bytes as u64);
    if last.segment == 0 || end > crate::MAX_SEGMENT_BYTES {
        return Place::new(u64::from(last.segment) + 1, segment::HEADER as u64);
    }
    Place::new(u64::from(last.segment), offset)
}

/// Reads the record at the head of `left` bytes into `out`. `read` fills its buffer with the first
/// of them.
///
/// # Errors
/// What `read` gives; within, why no sound record is there.
pub fn record<E>(
    left: usize,
    out: &mut Vec<u8>,
    mut read: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Result<(), &'static str>, E> {
    out.resize(FIRST_READ.min(left), 0);
    read(out)?;
    let Some(whole) = frame::record_bytes(out) else { return Ok(Err("no record begins here")) };
    if whole > left || whole > MAX_RECORD_BYTES + frame::RECORD_HEADER {
        return Ok(Err("the record runs past the end of the segment"));
    }
    if whole > out.len() {
        out.resize(whole, 0);
        read(out)?;
    }
    out.truncate(whole);
    if !frame::record_is_sound(out) {
        return Ok(Err("the checksum of the record fails"));
    }
    out.drain(..frame::RECORD_HEADER);
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_SEGMENT_BYTES;

    #[test]
    fn places_follow_one_another_and_a_segment_ends_where_a_file_would() {
        let first = next_place(Place::default(), 0, 96);
        assert_eq!((first.segment, first.offset), (1, 128));
        let second = next_place(first, 96, 96);
        assert_eq!((second.segment, second.offset), (1, 224));
        let room = usize::try_from(MAX_SEGMENT_BYTES).expect("small") - 224;
        assert_eq!(next_place(first, 96, room), second);
        let third = next_place(first, 96, room + 1);
        assert_eq!((third.segment, third.offset), (2, 128));
    }

    #[test]
    fn a_frame_with_a_byte_more_or_less_is_none() {
        let kind = genesis("test/1");
        let mut bytes = Vec::new();
        let chain = encode((0, &kind), &[b"one", b"two"], &mut bytes).expect("sound");
        assert_eq!(told(&bytes), Some((1, chain)));
        assert_eq!(decode(&bytes, (0, &kind), Place::default()).expect("sound").chain, chain);
        decode(&bytes, (1, &kind), Place::default()).expect_err("another number");
        decode(&bytes, (0, &chain), Place::default()).expect_err("another past");
        bytes.extend([0; 8]);
        decode(&bytes, (0, &kind), Place::default()).expect_err("more");
        bytes.truncate(bytes.len() - 9);
        decode(&bytes, (0, &kind), Place::default()).expect_err("less");
    }
}
