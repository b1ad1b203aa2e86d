//! The ledger in this process: batches, one at a time, many threads, and opening it again.

use super::disk::{percentile, sync_time};
use super::load::Load;
use super::process;
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use anyhow::{Context as _, Result, anyhow, ensure};
use bookkeeper::{Bookkeeper, Config};
use indicatif::ProgressBar;
use ledger::codec::Encoded;
use ledger::{Chart, Outcome};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use types::Clock as _;

/// How many batches are on their way at once: one is being made, one written, one applied, and
/// one waits so that nobody else does.
const CLIENTS: u64 = 4;
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
    /// Resident memory after all of it, in MiB.
    pub rss_mib: f64,
    /// Opening the book again: the longer of after a clean close and after a kill.
    pub reopen_seconds: f64,
    /// One small durable write on this disk.
    pub sync_p50_us: f64,
    /// Bytes written to the disk while batches were taken, a transfer.
    pub bytes_written_per_transfer: f64,
}

/// Measures; `bar` shows the transfers in batches.
pub fn run(plan: &Plan, chart: &Arc<Chart>, bar: &ProgressBar) -> Result<Measured> {
    std::fs::create_dir_all(&plan.dir)?;
    let empty = std::fs::read_dir(&plan.dir)?.next().is_none();
    ensure!(empty, "{} is not empty", plan.dir.display());
    let sync = sync_time(&plan.dir)?;
    let load = Load::new(plan.accounts, chart, &SystemRandom)?;
    let folder = plan.dir.join("book");
    let (book, _) = open(&folder, chart)?;
    for chunk in load.openings().chunks(bookkeeper::MAX_COMMANDS) {
        all_done(&book.submit_blocking(chunk.to_vec())?)?;
    }
    let before = process::bytes_written()?;
    let (rate, mut times) = batches(&book, &load, plan, bar)?;
    let written = process::bytes_written()?.saturating_sub(before);
    let mut lone = lone(&book, &load)?;
    let crowd = crowd(&book, &load, (plan.transfers / THREADS).clamp(1, EACH))?;
    let resident = process::resident_kib()?;
    let reopened = reopen(book, &folder, &plan.dir.join("killed"), chart)?;
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    Ok(Measured {
        transfers_per_second: rounded(rate, 1.0),
        batch_p50_ms: rounded(micros(percentile(&mut times, 50)) / 1e3, 1e3),
        batch_p99_ms: rounded(micros(percentile(&mut times, 99)) / 1e3, 1e3),
        lone_transfer_p50_us: rounded(micros(percentile(&mut lone, 50)), 10.0),
        threads64_per_second: rounded(crowd, 1.0),
        rss_mib: rounded(float(resident) / 1024.0, 10.0),
        reopen_seconds: rounded(reopened.as_secs_f64(), 1e3),
        sync_p50_us: rounded(micros(sync), 10.0),
        bytes_written_per_transfer: rounded(float(written) / float(plan.transfers.max(1)), 10.0),
    })
}

/// Counts of a benchmark are far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn open(dir: &Path, chart: &Arc<Chart>) -> Result<(Bookkeeper, Duration)> {
    let open_date = SystemClock.now().date();
    let config = Config { dir: dir.to_owned(), open_date };
    let start = Instant::now();
    let book = Bookkeeper::open(config, Arc::clone(chart), Arc::new(SystemClock))?;
    Ok((book, start.elapsed()))
}

fn all_done(outcomes: &[Outcome]) -> Result<()> {
    match outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_))) {
        None => Ok(()),
        Some(other) => Err(anyhow!("a command of the load was answered with {other:?}")),
    }
}

/// Sends and waits for the answer; how long that took.
fn send(book: &Bookkeeper, commands: Encoded) -> Result<Duration> {
    let start = Instant::now();
    let outcomes = book.submit_encoded_blocking(commands)?;
    let elapsed = start.elapsed();
    all_done(&outcomes)?;
    Ok(elapsed)
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
    book: &Bookkeeper,
    load: &Load,
    plan: &Plan,
    bar: &ProgressBar,
) -> Result<(f64, Vec<Duration>)> {
    let size = plan.batch.clamp(1, bookkeeper::MAX_COMMANDS);
    let left = AtomicU64::new(plan.transfers);
    let (times, elapsed) = clients(CLIENTS, |number| {
        let mut client = load.client(number);
        let mut times = Vec::new();
        loop {
            let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then(|| left.saturating_sub(size as u64))
            });
            let Ok(before) = taken else { return Ok(times) };
            let count = usize::try_from(before).unwrap_or(size).min(size);
            times.push(send(book, client.batch(count))?);
            bar.inc(count as u64);
        }
    })?;
    Ok((float(plan.transfers) / elapsed.as_secs_f64(), times))
}

fn lone(book: &Bookkeeper, load: &Load) -> Result<Vec<Duration>> {
    let mut client = load.client(CLIENTS);
    (0..LONE).map(|_| send(book, client.batch(1))).collect()
}

fn crowd(book: &Bookkeeper, load: &Load, each: u64) -> Result<f64> {
    let (times, elapsed) = clients(THREADS, |number| {
        let mut client = load.client(CLIENTS + 1 + number);
        (0..each).map(|_| send(book, client.batch(1))).collect()
    })?;
    Ok(float(times.len() as u64) / elapsed.as_secs_f64())
}

/// What a kill leaves is what is in the files at that moment: a copy of them is opened.
fn reopen(book: Bookkeeper, dir: &Path, copy: &Path, chart: &Arc<Chart>) -> Result<Duration> {
    std::fs::create_dir_all(copy)?;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), copy.join(entry.file_name()))
                .with_context(|| format!("{} cannot be copied", entry.path().display()))?;
        }
    }
    let seq = book.seq();
    drop(book);
    let mut longest = Duration::ZERO;
    for dir in [dir, copy] {
        let (book, elapsed) = open(dir, chart)?;
        ensure!(book.seq() == seq, "{} of {seq} effects are there", book.seq());
        longest = longest.max(elapsed);
    }
    Ok(longest)
}
