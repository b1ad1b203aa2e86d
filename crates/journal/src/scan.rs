//! Reading a log from its first byte, and telling a torn tail from damage.

use crate::error::io_error;
use crate::frame::{self, Bad, Batch};
use crate::segment;
use crate::{Chain, Error, Files, MAX_SEGMENT_BYTES, Place, Position, Visit};
use std::path::{Path, PathBuf};

/// The unit a disk writes or does not write.
const SECTOR: usize = 512;

/// What a walk over a log found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Batches with records.
    pub batches: u64,
    /// Records.
    pub records: u64,
    /// Segment files.
    pub segments: u64,
    /// Bytes of all sound batches, headers and seals included.
    pub bytes: u64,
    /// The number of the last sound batch; 0 in a new log.
    pub sequence: u64,
    /// Its chain; the kind's own hash in a new log.
    pub chain: Chain,
    /// Where it is; meaningless in a new log.
    pub last: Place,
    /// Bytes of a torn last batch that were left aside.
    pub torn_bytes: u64,
}

impl Recovery {
    /// Of a log of this kind, before its first batch.
    pub fn of(kind: &str) -> Self {
        Self { chain: segment::genesis(kind), ..Self::default() }
    }

    /// Counts a sound batch that follows, and shows it to `visit`; whether it is a seal, which is
    /// not shown.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn take(&mut self, batch: &Batch<'_>, visit: Visit<'_>) -> Result<bool, Error> {
        let records = batch.records().count() as u64;
        self.sequence = batch.sequence;
        self.chain = batch.chain;
        self.last = batch.place;
        self.bytes += frame::frame_bytes(batch.body_len()) as u64;
        if records == 0 {
            return Ok(true);
        }
        self.batches += 1;
        self.records += records;
        visit(batch).map_err(|source| Error::Refused { sequence: batch.sequence, source })?;
        Ok(false)
    }
}

/// Where the next batch goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tail {
    pub path: PathBuf,
    pub index: u64,
    /// The first free byte.
    pub offset: u64,
    /// The end of what a torn batch left there; `offset` if nothing.
    pub dirty_end: u64,
    pub length: u64,
    /// Whether the last batch is a seal, or there is none.
    pub sealed: bool,
}

/// Walks a log without holding or changing it; see [`crate::FileJournal::open`] for what is refused.
/// A log that is being written may show its last batch as torn.
pub fn read(
    files: &dyn Files,
    dir: &Path,
    kind: &str,
    visit: Visit<'_>,
) -> Result<Recovery, Error> {
    walk(files, dir, kind, None, visit).map(|(recovery, _)| recovery)
}

/// Walks the log, from its first batch or from the one behind `from`; the tail is `None` if there
/// is no segment yet.
pub(crate) fn walk(
    files: &dyn Files,
    dir: &Path,
    kind: &str,
    from: Option<Position>,
    visit: Visit<'_>,
) -> Result<(Recovery, Option<Tail>), Error> {
    let names = files.list(dir).map_err(io_error("list", dir))?;
    let mut indexes: Vec<u64> = names.iter().filter_map(|n| segment::index_of(n)).collect();
    indexes.sort_unstable();
    let mut walk = Walk { kind, visit, found: Recovery::of(kind), sealed: true, from };
    let mut tail = None;
    for (place, index) in (1u64..).zip(&indexes) {
        let path = dir.join(segment::name(*index));
        if *index != place {
            let reason = format!("segment {} is missing before it", segment::name(place));
            return Err(Error::Corrupt { file: path, offset: 0, reason });
        }
        let last = place == indexes.len() as u64;
        if from.is_some_and(|from| place < u64::from(from.place.segment)) {
            continue;
        }
        tail = Some(walk.segment(files, path, place, last)?);
    }
    if walk.from.is_some() {
        let reason = "the segment of the batch to begin behind is not there".to_owned();
        return Err(Error::Corrupt { file: dir.to_owned(), offset: 0, reason });
    }
    Ok((walk.found, tail))
}

struct Walk<'v, 'k> {
    kind: &'k str,
    visit: Visit<'v>,
    found: Recovery,
    sealed: bool,
    /// Behind which batch the walk still has to begin.
    from: Option<Position>,
}

impl Walk<'_, '_> {
    fn segment(
        &mut self,
        files: &dyn Files,
        path: PathBuf,
        index: u64,
        last: bool,
    ) -> Result<Tail, Error> {
        let bytes = load(files, &path)?;
        let begin = self.begin(&bytes, &path, index)?;
        self.found.segments += 1;
        let corrupt = |offset: usize, reason: String| Error::Corrupt {
            file: path.clone(),
            offset: offset as u64,
            reason,
        };
        let written = begin.max(end_of_content(&bytes));
        let mut offset = begin;
        while offset < written {
            let rest = &bytes[offset..];
            let behind = (self.found.sequence, &self.found.chain);
            match frame::follow(rest, behind, Place::new(index, offset as u64)) {
                Ok(batch) => {
                    offset += frame::frame_bytes(batch.body_len());
                    self.accept(&batch)?;
                }
                Err(Bad::Damaged(reason)) => return Err(corrupt(offset, reason)),
                Err(Bad::Unfinished(reason)) => {
                    let written = &bytes[offset..written];
                    if !last || !self.is_torn(written, offset) {
                        return Err(corrupt(offset, reason));
                    }
                    break;
                }
            }
        }
        let dirty_end = written.max(offset) as u64;
        self.found.torn_bytes += dirty_end - offset as u64;
        Ok(Tail {
            path,
            index,
            offset: offset as u64,
            dirty_end,
            length: bytes.len() as u64,
            sealed: self.sealed,
        })
    }

    /// Checks the head of a segment; where its first batch of interest begins.
    fn begin(&mut self, bytes: &[u8], path: &Path, index: u64) -> Result<usize, Error> {
        let Some(from) = self.from.take() else {
            return self.check_header(bytes, path, index).map(|()| segment::HEADER);
        };
        let offset = usize::try_from(from.place.offset).unwrap_or(usize::MAX);
        let corrupt = |offset: usize, reason: String| Error::Corrupt {
            file: path.to_owned(),
            offset: offset as u64,
            reason,
        };
        let head = segment::Header::parse(bytes).map_err(|r| corrupt(0, r.to_owned()))?;
        self.check_kind(&head, path)?;
        if head.index != index || head.length != bytes.len() as u64 {
            return Err(corrupt(0, "it is not the segment its head says".to_owned()));
        }
        let batch = bytes.get(offset..).and_then(frame::Header::parse);
        let batch = batch.filter(|b| b.sequence == from.sequence && b.chain == from.chain);
        let Some(batch) = batch else {
            return Err(corrupt(offset, format!("batch {} is not here", from.sequence)));
        };
        self.found.sequence = from.sequence;
        self.found.chain = from.chain;
        self.found.last = from.place;
        self.sealed = batch.records == 0;
        Ok(offset.saturating_add(frame::frame_bytes(batch.body_bytes)))
    }

    fn check_kind(&self, header: &segment::Header, path: &Path) -> Result<(), Error> {
        if header.kind == self.kind {
            return Ok(());
        }
        Err(Error::WrongKind {
            file: path.to_owned(),
            found: header.kind.clone(),
            wanted: self.kind.to_owned(),
        })
    }

    fn check_header(&self, bytes: &[u8], path: &Path, index: u64) -> Result<(), Error> {
        let corrupt = |reason: String| Error::Corrupt { file: path.to_owned(), offset: 0, reason };
        let header = segment::Header::parse(bytes).map_err(|reason| corrupt(reason.to_owned()))?;
        self.check_kind(&header, path)?;
        let next = self.found.sequence + 1;
        if header.index != index || header.first_sequence != next {
            return Err(corrupt(format!(
                "it says it is segment {} from batch {}, but segment {index} from batch {next} \
                 belongs here",
                header.index, header.first_sequence
            )));
        }
        if header.chain != self.found.chain {
            return Err(corrupt("it does not follow the segment before it".to_owned()));
        }
        if header.length != bytes.len() as u64 {
            return Err(corrupt(format!(
                "it was made {} bytes long and has {}",
                header.length,
                bytes.len()
            )));
        }
        Ok(())
    }

    fn accept(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        self.sealed = self.found.take(batch, self.visit)?;
        Ok(())
    }

    /// Whether the bad batch at the start of `content` (up to the last byte that is not zero)
    /// never was durable and looks like an interrupted write.
    fn is_torn(&self, content: &[u8], offset: usize) -> bool {
        let bad = self.found.sequence + 1;
        let proved = (8..content.len())
            .step_by(8)
            .filter_map(|at| frame::Header::parse(&content[at..]))
            .any(|later| later.sequence > bad && later.durable >= bad);
        !proved && looks_interrupted(content, offset)
    }
}

/// An interrupted write leaves a prefix of the batch, or leaves out whole sectors.
fn looks_interrupted(content: &[u8], offset: usize) -> bool {
    let whole = match frame::Header::parse(content) {
        Some(header) => frame::frame_bytes(header.body_bytes),
        // The header itself is unsound: a whole batch would be at least this long.
        None => frame::frame_bytes(0),
    };
    if content.len() < whole {
        return true;
    }
    let first_sector = SECTOR - offset % SECTOR;
    let (head, sectors) = content.split_at(first_sector.min(content.len()));
    is_zero(head) || sectors.chunks(SECTOR).any(is_zero)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Most of a segment may be zeros still: whole blocks of them are compared at once.
fn end_of_content(bytes: &[u8]) -> usize {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut end = bytes.len();
    while bytes[..end].ends_with(&ZEROS) {
        end -= ZEROS.len();
    }
    bytes[..end].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

fn load(files: &dyn Files, path: &Path) -> Result<Vec<u8>, Error> {
    let file = files.open_read(path).map_err(io_error("open", path))?;
    let length = file.len().map_err(io_error("measure", path))?;
    let reason = format!("{length} bytes is longer than any segment");
    let corrupt = || Error::Corrupt { file: path.to_owned(), offset: 0, reason };
    if length > MAX_SEGMENT_BYTES {
        return Err(corrupt());
    }
    let Ok(size) = usize::try_from(length) else { return Err(corrupt()) };
    let mut bytes = vec![0; size];
    file.read_exact_at(&mut bytes, 0).map_err(io_error("read", path))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Vec<u8> {
        let mut bytes = Vec::new();
        frame::encode(&mut bytes, &[0; 32], (1, 0), &[&[1; 2000][..]]);
        bytes
    }

    #[test]
    fn prefixes_and_missing_sectors_look_interrupted_and_flips_do_not() {
        let whole = batch();
        for cut in 1..whole.len() {
            let prefix = &whole[..cut];
            let content = &prefix[..end_of_content(prefix)];
            assert!(looks_interrupted(content, 128), "cut at {cut}");
        }
        let mut holed = whole.clone();
        holed[512 - 128..1024 - 128].fill(0);
        assert!(looks_interrupted(&holed, 128));
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!looks_interrupted(&flipped, 128), "bit {bit}");
        }
    }
}
