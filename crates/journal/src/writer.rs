//! The segment that is being written, and the two ways of writing it.

use crate::ahead::Ahead;
use crate::blocks::Blocks;
use crate::error::io_error;
use crate::scan::Tail;
use crate::segment::{self, Attached};
use crate::{BLOCK, Chain, Durability, Error, Files, LogFile, MAX_SEGMENT_BYTES, Options, Place};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The open segment.
pub(crate) struct Segment {
    file: Box<dyn LogFile>,
    path: PathBuf,
    index: u64,
    offset: u64,
    length: u64,
    /// Whether a write is on the disk when it returns; then of whole blocks only.
    direct: bool,
    /// What stands in the block at `offset` before it, if writes are of whole blocks.
    tail: Vec<u8>,
    ahead: Option<Ahead>,
}

/// Where a segment begins: its index, its first batch, and the chain before it.
pub(crate) type Start = (u64, u64, Chain);

impl Segment {
    /// Makes a segment for a first batch of at most `frame_bytes`; of what was made ahead, if
    /// that is long enough.
    pub(crate) fn begin(
        files: &dyn Files,
        dir: &Path,
        options: &Options,
        (index, first_sequence, chain): Start,
        (frame_bytes, ahead): (u64, Option<Ahead>),
    ) -> Result<Self, Error> {
        let offset = segment::HEADER as u64;
        let needed = offset + frame_bytes;
        let ready = ahead.and_then(Ahead::finish).filter(|length| *length >= needed);
        let length = if let Some(length) = ready {
            length
        } else {
            let length = usual_length(options).max(needed.next_multiple_of(BLOCK as u64));
            let path = segment::unfinished(dir, index);
            segment::fill(files, &path, length, &AtomicBool::new(false))?;
            length
        };
        let kind = options.kind.clone();
        let header = segment::Header { kind, index, first_sequence, chain, length };
        let direct = options.durability == Durability::Sync;
        let (Attached { file, direct }, path) = segment::christen(files, dir, &header, direct)?;
        let tail = header.encode().to_vec();
        Ok(Self { file, path, index, offset, length, direct, tail, ahead: None })
    }

    /// Opens the last segment for writing; what a torn batch left in it is wiped, so that it can
    /// never be taken for a batch later.
    pub(crate) fn resume(files: &dyn Files, options: &Options, tail: Tail) -> Result<Self, Error> {
        let Tail { path, index, offset, dirty_end, length, .. } = tail;
        let file = files.open(&path).map_err(io_error("open", &path))?;
        if dirty_end > offset {
            let zeros = vec![0; usize::try_from(dirty_end - offset).unwrap_or(0)];
            file.write_all_at(&zeros, offset).map_err(io_error("wipe", &path))?;
        }
        // The batches before were read from the cache of the system: make sure that they are what
        // a power cut would leave, before anything is built upon them.
        file.sync().map_err(io_error("sync", &path))?;
        let block = BLOCK as u64;
        let start = offset - offset % block;
        let direct = options.durability == Durability::Sync
            && length.is_multiple_of(block)
            && start < length;
        let mut segment = Self {
            file,
            path,
            index,
            offset,
            length,
            direct: false,
            tail: Vec::new(),
            ahead: None,
        };
        if direct {
            let mut last = Blocks::zeros(BLOCK);
            let buffer = &mut vec![0; BLOCK];
            segment.file.read_exact_at(buffer, start).map_err(io_error("read", &segment.path))?;
            last.begin(buffer, 0);
            let attached = segment::attach(files, &segment.path, true, (last.whole(), start))?;
            (segment.file, segment.direct) = (attached.file, attached.direct);
            buffer.truncate(usize::try_from(offset - start).unwrap_or(0));
            segment.tail = std::mem::take(buffer);
        }
        Ok(segment)
    }

    /// Which segment it is.
    pub(crate) fn index(&self) -> u64 {
        self.index
    }

    /// Whether this many bytes fit.
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        self.length - self.offset >= bytes
    }

    /// Begins a batch's bytes in `buffer`; the frame is to be appended to its end.
    pub(crate) fn start_frame(&self, buffer: &mut Blocks, frame_bytes: usize) {
        buffer.begin(if self.direct { &self.tail } else { &[] }, frame_bytes);
    }

    /// Writes the frame that was appended; where it is, and whether it is on the disk.
    pub(crate) fn write_frame(&mut self, buffer: &mut Blocks) -> Result<(Place, bool), Error> {
        let place = Place::new(self.index, self.offset);
        let failed = io_error("write", &self.path);
        if !self.direct {
            self.file.write_all_at(buffer.content(), self.offset).map_err(failed)?;
            self.offset += buffer.content().len() as u64;
            return Ok((place, false));
        }
        let content = buffer.content();
        let start = self.offset - self.tail.len() as u64;
        let end = start + content.len() as u64;
        let tail = content.len() - content.len() % BLOCK;
        self.tail.clear();
        self.tail.extend_from_slice(&content[tail..]);
        self.file.write_all_at(buffer.whole(), start).map_err(failed)?;
        self.offset = end;
        Ok((place, true))
    }

    /// Makes what went through the cache durable.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.file.sync().map_err(io_error("sync", &self.path))
    }

    /// Begins to make the next segment once a quarter of this one is used.
    pub(crate) fn look_ahead(&mut self, files: &Arc<dyn Files>, dir: &Path, options: &Options) {
        if options.ahead && self.ahead.is_none() && self.offset > self.length / 4 {
            let length = usual_length(options);
            self.ahead = Some(Ahead::start(files, dir, self.index + 1, length));
        }
    }

    /// What was made ahead.
    pub(crate) fn take_ahead(&mut self) -> Option<Ahead> {
        self.ahead.take()
    }
}

fn usual_length(options: &Options) -> u64 {
    let block = BLOCK as u64;
    (options.segment_bytes.min(MAX_SEGMENT_BYTES) / block * block).max(block)
}
