//! Reading single records of a log back, by their place.

use crate::error::io_error;
use crate::{Error, Files, LogFile, MAX_RECORD_BYTES, Place, frame, segment};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How many segment files are kept open.
const OPEN_FILES: usize = 16;
/// Read at once: the head of a record and what most are long.
const FIRST_READ: usize = 4_096 + 512;

/// Reads records of a log, be it written at the same time or not. Checks each record's checksum;
/// that it belongs to the log was checked when the log was opened.
pub struct Reader {
    files: Arc<dyn Files>,
    dir: PathBuf,
    /// The files used last, the latest first.
    open: Mutex<VecDeque<(u32, Arc<dyn LogFile>)>>,
}

impl Reader {
    /// A reader of the log in this directory.
    pub fn new(files: Arc<dyn Files>, dir: impl Into<PathBuf>) -> Self {
        Self { files, dir: dir.into(), open: Mutex::default() }
    }

    /// Puts the record at this place into `out`, in place of what it holds.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if no sound record begins there, [`Error::Io`].
    pub fn record(&self, place: Place, out: &mut Vec<u8>) -> Result<(), Error> {
        let path = self.dir.join(segment::name(u64::from(place.segment)));
        let offset = u64::from(place.offset);
        let corrupt =
            |reason: &str| Error::Corrupt { file: path.clone(), offset, reason: reason.to_owned() };
        let file = self.file(place.segment)?;
        let length = file.len().map_err(io_error("measure", &path))?;
        let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let read =
            |out: &mut [u8]| file.read_exact_at(out, offset).map_err(io_error("read", &path));
        out.resize(FIRST_READ.min(left), 0);
        read(out)?;
        let whole = frame::record_bytes(out).ok_or_else(|| corrupt("no record begins here"))?;
        if whole > left || whole > MAX_RECORD_BYTES + frame::RECORD_HEADER {
            return Err(corrupt("the record runs past the end of the segment"));
        }
        if whole > out.len() {
            out.resize(whole, 0);
            read(out)?;
        }
        out.truncate(whole);
        if !frame::record_is_sound(out) {
            return Err(corrupt("the checksum of the record fails"));
        }
        out.drain(..frame::RECORD_HEADER);
        Ok(())
    }

    fn file(&self, number: u32) -> Result<Arc<dyn LogFile>, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.iter().position(|(known, _)| *known == number);
        if let Some(found) = known.and_then(|at| open.remove(at)) {
            let file = Arc::clone(&found.1);
            open.push_front(found);
            return Ok(file);
        }
        let path = self.dir.join(segment::name(u64::from(number)));
        let file: Arc<dyn LogFile> =
            Arc::from(self.files.open_read(&path).map_err(io_error("open", &path))?);
        open.push_front((number, Arc::clone(&file)));
        open.truncate(OPEN_FILES);
        Ok(file)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("dir", &self.dir).finish_non_exhaustive()
    }
}
