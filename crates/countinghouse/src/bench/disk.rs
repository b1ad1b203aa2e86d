//! How long the disk takes for one small durable write, in the way the journal writes.

use super::figures::percentile;
use anyhow::{Context as _, Result};
use journal::{Durability, FileJournal, Journal as _, Options, RealFiles};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WRITES: usize = 500;

/// The median of appends of 100 bytes to a log beside the book; the log is removed.
pub fn sync_time(dir: &Path) -> Result<Duration> {
    let dir = dir.join("probe");
    let options = Options { durability: Durability::Sync, ..Options::new("probe/1") };
    let opened = FileJournal::open(Arc::new(RealFiles), &dir, options, &mut |_| Ok(()));
    let (mut log, _) = opened.context("the disk cannot be probed")?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let start = Instant::now();
        log.append(&[&[1; 100]])?;
        times.push(start.elapsed());
    }
    drop(log);
    std::fs::remove_dir_all(&dir).context("the probe cannot be removed")?;
    Ok(percentile(&mut times, 50))
}
