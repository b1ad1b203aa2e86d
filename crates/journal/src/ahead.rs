//! The next segment, made in the background.

use crate::{Error, Files, segment};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A segment that is being filled with zeros.
pub(crate) struct Ahead {
    files: Arc<dyn Files>,
    path: PathBuf,
    length: u64,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<bool, Error>>>,
}

impl Ahead {
    /// Begins; without a thread to do it nothing is made ahead.
    pub(crate) fn start(files: &Arc<dyn Files>, dir: &Path, index: u64, length: u64) -> Self {
        let path = segment::unfinished(dir, index);
        let stop = Arc::new(AtomicBool::new(false));
        let work = (Arc::clone(files), path.clone(), Arc::clone(&stop));
        let fill = move || segment::fill(&*work.0, &work.1, length, &work.2);
        let thread = std::thread::Builder::new().name("journal-ahead".to_owned()).spawn(fill).ok();
        Self { files: Arc::clone(files), path, length, stop, thread }
    }

    /// Waits for it. `Some` length if it is there; whatever went wrong, it can be made again.
    pub(crate) fn finish(mut self) -> Option<u64> {
        let done = self.thread.take()?.join();
        matches!(done, Ok(Ok(true))).then_some(self.length)
    }
}

impl Drop for Ahead {
    /// Nobody writes in the directory once it is given free.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
            // Else the next opening removes it.
            drop(self.files.remove(&self.path));
        }
    }
}
