//! The load played on lines to a ledger, wherever it is: batches, one at a time, many threads.

use super::figures::{float, micros, millis, percentile, rate, rounded};
use super::load::{Client, Load};
use super::process::Process;
use crate::config::Book;
use anyhow::{Result, anyhow, ensure};
use indicatif::ProgressBar;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many batches are on their way at once: one is made or written while one is applied.
const CLIENTS: u64 = 2;
/// How many threads send one by one.
const THREADS: u64 = 64;
/// How many transfers each of them sends at most.
const EACH: u64 = 6_000;
/// How many transfers are sent with nobody else there.
const LONE: usize = 2_000;

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Transfers in batches.
    pub transfers: u64,
    /// Accounts among which they are spread.
    pub accounts: usize,
    /// Transfers a batch.
    pub batch: usize,
    /// An empty folder on the disk to be measured.
    pub dir: PathBuf,
    /// How the book is kept; a database that its journal is in is new.
    pub book: Book,
}

/// The figures; the names are those of the benchmark's contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// In batches: durable, checked for duplicate ids, indexed.
    pub transfers_per_second: f64,
    /// From handing in a batch to its answer, half of them.
    pub batch_p50_ms: f64,
    /// The same, ninety-nine of a hundred.
    pub batch_p99_ms: f64,
    /// One transfer with nobody else there.
    pub lone_transfer_p50_us: f64,
    /// 64 threads, each one transfer at a time.
    pub threads64_per_second: f64,
    /// Resident memory of the process that keeps the book after all of it, in MiB.
    pub rss_mib: f64,
    /// Opening the book again: in this process the longer of after a clean close and after a
    /// kill, over the network from starting another server after a kill until it listens.
    pub reopen_seconds: f64,
    /// One small durable write on this disk.
    pub sync_p50_us: f64,
    /// Bytes written to the disk while batches were taken, a transfer.
    pub bytes_written_per_transfer: f64,
}

/// A way to the ledger, for one client.
pub trait Line {
    /// Sends a client's next transfers and waits for the answer; how long that took. All of them
    /// must have taken effect.
    fn send(&mut self, client: &mut Client<'_>, count: usize) -> Result<Duration>;
}

/// Makes a line for each client.
pub type Lines<'a> = dyn Fn() -> Result<Box<dyn Line + 'a>> + Sync + 'a;

/// What the load came to.
pub struct Played {
    rate: f64,
    batches: Vec<Duration>,
    lone: Vec<Duration>,
    crowd: f64,
    written: u64,
    resident: u64,
}

/// Makes sure of an empty folder.
pub fn empty(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    ensure!(std::fs::read_dir(dir)?.next().is_none(), "{} is not empty", dir.display());
    Ok(())
}

/// Plays the load; `keeper` is the process that keeps the book, `bar` shows the transfers in
/// batches.
pub fn play(
    plan: &Plan,
    load: &Load,
    lines: &Lines<'_>,
    keeper: Process,
    bar: &ProgressBar,
) -> Result<Played> {
    let before = keeper.bytes_written()?;
    let (rate, batches) = batches(lines, load, plan, bar)?;
    let written = keeper.bytes_written()?.saturating_sub(before);
    let lone = lone(lines, load)?;
    let crowd = crowd(lines, load, (plan.transfers / THREADS).clamp(1, EACH))?;
    Ok(Played { rate, batches, lone, crowd, written, resident: keeper.resident_kib()? })
}

impl Played {
    /// The figures, with what was measured around the load.
    pub fn measured(mut self, plan: &Plan, reopened: Duration, sync: Duration) -> Measured {
        Measured {
            transfers_per_second: rounded(self.rate, 1.0),
            batch_p50_ms: millis(percentile(&mut self.batches, 50)),
            batch_p99_ms: millis(percentile(&mut self.batches, 99)),
            lone_transfer_p50_us: micros(percentile(&mut self.lone, 50)),
            threads64_per_second: rounded(self.crowd, 1.0),
            rss_mib: rounded(float(self.resident) / 1024.0, 10.0),
            reopen_seconds: rounded(reopened.as_secs_f64(), 1e3),
            sync_p50_us: micros(sync),
            bytes_written_per_transfer: rounded(
                float(self.written) / float(plan.transfers.max(1)),
                10.0,
            ),
        }
    }
}

/// Runs one thread a client, each until it has nothing more to do.
fn clients<T: Send>(
    count: u64,
    run: impl Fn(u64) -> Result<Vec<T>> + Sync,
) -> Result<(Vec<T>, Duration)> {
    let start = Instant::now();
    let results: Vec<_> = std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || run(number))).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let elapsed = start.elapsed();
    let mut all = Vec::new();
    for result in results {
        all.extend(result.map_err(|_| anyhow!("a client ended by a panic"))??);
    }
    Ok((all, elapsed))
}

fn batches(
    lines: &Lines<'_>,
    load: &Load,
    plan: &Plan,
    bar: &ProgressBar,
) -> Result<(f64, Vec<Duration>)> {
    let size = plan.batch.clamp(1, bookkeeper::MAX_COMMANDS);
    let left = AtomicU64::new(plan.transfers);
    let (times, elapsed) = clients(CLIENTS, |number| {
        let (mut client, mut line) = (load.client(number), lines()?);
        let mut times = Vec::new();
        loop {
            let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then(|| left.saturating_sub(size as u64))
            });
            let Ok(before) = taken else { return Ok(times) };
            let count = usize::try_from(before).unwrap_or(size).min(size);
            times.push(line.send(&mut client, count)?);
            bar.inc(count as u64);
        }
    })?;
    Ok((rate(plan.transfers, elapsed), times))
}

fn lone(lines: &Lines<'_>, load: &Load) -> Result<Vec<Duration>> {
    let (mut client, mut line) = (load.client(CLIENTS), lines()?);
    (0..LONE).map(|_| line.send(&mut client, 1)).collect()
}

fn crowd(lines: &Lines<'_>, load: &Load, each: u64) -> Result<f64> {
    let (times, elapsed) = clients(THREADS, |number| {
        let (mut client, mut line) = (load.client(CLIENTS + 1 + number), lines()?);
        (0..each).map(|_| line.send(&mut client, 1)).collect()
    })?;
    Ok(rate(times.len() as u64, elapsed))
}
