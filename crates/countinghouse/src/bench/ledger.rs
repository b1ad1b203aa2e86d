//! The ledger in this process, and opening it again.

use super::disk::sync_time;
use super::load::{Client, Load};
use super::play::{self, Line, Measured, Plan};
use super::process::Process;
use crate::chance::SystemRandom;
use crate::clock::SystemClock;
use anyhow::{Context as _, Result, anyhow, ensure};
use bookkeeper::{Bookkeeper, Config};
use indicatif::ProgressBar;
use ledger::{Chart, Outcome};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::Clock as _;

/// Measures; `bar` shows the transfers in batches.
pub fn run(plan: &Plan, chart: &Arc<Chart>, bar: &ProgressBar) -> Result<Measured> {
    play::empty(&plan.dir)?;
    let sync = sync_time(&plan.dir)?;
    let load = Load::new(plan.accounts, chart, &SystemRandom)?;
    let folder = plan.dir.join("book");
    let (book, _) = open(plan, &folder, chart)?;
    let new = u64::try_from(chart.house_accounts().len())?;
    ensure!(book.seq() == new, "the database holds a book already");
    for chunk in load.openings().chunks(bookkeeper::MAX_COMMANDS) {
        all_done(&book.submit_blocking(chunk.to_vec())?)?;
    }
    let lines = || Ok(Box::new(Handle(book.clone())) as Box<dyn Line>);
    let played = play::play(plan, &load, &lines, Process::own(), bar)?;
    let reopened = reopen(plan, book, &folder, chart)?;
    Ok(played.measured(plan, reopened, sync))
}

fn open(plan: &Plan, dir: &Path, chart: &Arc<Chart>) -> Result<(Bookkeeper, Duration)> {
    let open_date = SystemClock.now().date();
    let config = Config { dir: dir.to_owned(), open_date };
    let start = Instant::now();
    let storage = plan.book.storage()?;
    let book = Bookkeeper::open_on(storage, config, Arc::clone(chart), Arc::new(SystemClock))?;
    Ok((book, start.elapsed()))
}

fn all_done(outcomes: &[Outcome]) -> Result<()> {
    match outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_))) {
        None => Ok(()),
        Some(other) => Err(anyhow!("a command of the load was answered with {other:?}")),
    }
}

/// A handle on the book.
struct Handle(Bookkeeper);

impl Line for Handle {
    fn send(&mut self, client: &mut Client<'_>, count: usize) -> Result<Duration> {
        let commands = client.batch(count);
        let start = Instant::now();
        let outcomes = self.0.submit_encoded_blocking(commands)?;
        let elapsed = start.elapsed();
        all_done(&outcomes)?;
        Ok(elapsed)
    }
}

/// What a kill leaves is what is in the files at that moment: a copy of them is opened.
fn reopen(plan: &Plan, book: Bookkeeper, dir: &Path, chart: &Arc<Chart>) -> Result<Duration> {
    let copy = &plan.dir.join("killed");
    copy_folder(dir, copy)?;
    let seq = book.seq();
    drop(book);
    let mut longest = Duration::ZERO;
    for dir in [dir, copy] {
        let (book, elapsed) = open(plan, dir, chart)?;
        ensure!(book.seq() == seq, "{} of {seq} effects are there", book.seq());
        longest = longest.max(elapsed);
    }
    Ok(longest)
}

/// Copies a folder, the index of the book's past within it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)
                .with_context(|| format!("{} cannot be copied", path.display()))?;
        }
    }
    Ok(())
}
