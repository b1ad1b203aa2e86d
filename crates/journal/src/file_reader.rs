//! Reading single records of a log in files back, by their place.

use crate::error::io_error;
use crate::{Error, Files, LogFile, Place, Reader, form, segment};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How many segment files are kept open.
const OPEN_FILES: usize = 16;

/// Reads records of a log in files.
pub struct FileReader {
    files: Arc<dyn Files>,
    dir: PathBuf,
    /// The files used last, the latest first.
    open: Mutex<VecDeque<(u32, Arc<dyn LogFile>)>>,
}

impl FileReader {
    /// A reader of the log in this directory.
    pub fn new(files: Arc<dyn Files>, dir: impl Into<PathBuf>) -> Self {
        Self { files, dir: dir.into(), open: Mutex::default() }
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

impl Reader for FileReader {
    fn record(&self, place: Place, out: &mut Vec<u8>) -> Result<(), Error> {
        let path = self.dir.join(segment::name(u64::from(place.segment)));
        let offset = u64::from(place.offset);
        let file = self.file(place.segment)?;
        let length = file.len().map_err(io_error("measure", &path))?;
        let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
        form::record(left, out, |out| {
            file.read_exact_at(out, offset).map_err(io_error("read", &path))
        })?
        .map_err(|reason| Error::Corrupt {
            file: path,
            offset,
            reason: reason.to_owned(),
        })
    }
}

impl std::fmt::Debug for FileReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileReader").field("dir", &self.dir).finish_non_exhaustive()
    }
}
