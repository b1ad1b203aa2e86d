//! Writing what was frozen and merging what was written, on threads of their own.

use crate::catalog::{Shared, State};
use crate::error::corrupt;
use crate::fresh::Fresh;
use crate::idrun::{IdRun, IdWriter};
use crate::manifest::{Manifest, Part};
use crate::snapshot;
use crate::volume::{self, Volume};
use crate::{Error, MAX_TAG_BYTES, merge};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::JoinHandle;

/// How many frozen tables may wait before a freeze waits itself: this bounds memory.
const MOST_WAITING: usize = 2;

/// What the owner wants to find again at the next opening.
pub struct Checkpoint {
    /// Which part of the log the state covers; at most [`MAX_TAG_BYTES`] bytes.
    pub tag: Vec<u8>,
    /// Gives the owner's state after everything that was put in; called where it is written, and
    /// may wait there. `None` if there will be none: what was frozen is kept, and does not count.
    pub state: Box<dyn FnOnce() -> Option<Vec<u8>> + Send>,
}

struct Job {
    fresh: Arc<Fresh>,
    checkpoint: Option<Checkpoint>,
}

/// The threads, or none if everything is done on the spot.
pub(crate) struct Keeper {
    pub(crate) shared: Arc<Shared>,
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(shared: Shared) -> Result<Self, Error> {
        let shared = Arc::new(shared);
        if !shared.options.background {
            return Ok(Self { shared, jobs: None, threads: Vec::new() });
        }
        let (jobs, waiting) = mpsc::channel();
        let (wake, merges) = mpsc::sync_channel(1);
        let writing = Arc::clone(&shared);
        let merging = Arc::clone(&shared);
        let threads = vec![
            spawn(&shared, "archive writer", move || write_all(&writing, &waiting, &wake))?,
            spawn(&shared, "archive merger", move || merge_all(&merging, &merges))?,
        ];
        Ok(Self { shared, jobs: Some(jobs), threads })
    }

    /// Takes over what is new, to be written; waits while too much waits already.
    pub(crate) fn freeze(&self, fresh: Fresh, checkpoint: Option<Checkpoint>) -> Result<(), Error> {
        if checkpoint.as_ref().is_some_and(|c| c.tag.len() > MAX_TAG_BYTES) {
            return Err(corrupt(&self.shared.dir, 0, "the tag is longer than a tag may be"));
        }
        let fresh = Arc::new(fresh);
        let mut catalog = self.shared.lock();
        catalog.check()?;
        while self.shared.state().frozen.len() >= MOST_WAITING {
            catalog = self.shared.wait(catalog);
            catalog.check()?;
        }
        self.shared.publish(&mut catalog, |state| state.frozen.push(Arc::clone(&fresh)));
        drop(catalog);
        let job = Job { fresh, checkpoint };
        let Some(jobs) = &self.jobs else {
            return write(&self.shared, job)
                .and_then(|()| merge::all(&self.shared))
                .inspect_err(|error| self.shared.fail(error));
        };
        jobs.send(job).map_err(|_| Error::Stopped { reason: "its writer has ended".to_owned() })
    }

    /// Returns once everything frozen is written.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        let mut catalog = self.shared.lock();
        loop {
            catalog.check()?;
            if self.shared.state().frozen.is_empty() {
                return Ok(());
            }
            catalog = self.shared.wait(catalog);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the archive ended by a panic");
            }
        }
    }
}

fn spawn(
    shared: &Shared,
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(crate::error::io_error("start a thread for", &shared.dir))
}

fn write_all(shared: &Shared, jobs: &Receiver<Job>, wake: &SyncSender<()>) {
    for job in jobs {
        if shared.lock().failure.is_some() {
            continue;
        }
        match write(shared, job) {
            // If the merger was woken already it will see this too.
            Ok(()) => _ = wake.try_send(()),
            Err(error) => shared.fail(&error),
        }
    }
}

fn merge_all(shared: &Shared, wakes: &Receiver<()>) {
    for () in wakes {
        if let Err(error) = merge::all(shared) {
            shared.fail(&error);
        }
    }
}

/// Writes what was frozen, and with a checkpoint the manifest that makes it count.
fn write(shared: &Shared, job: Job) -> Result<(), Error> {
    let Job { fresh, checkpoint } = job;
    let (files, dir) = (&*shared.files, &*shared.dir);
    let [run, volume, state] = {
        let mut catalog = shared.lock();
        [(); 3].map(|()| catalog.number())
    };
    let before = shared.state();
    let run = write_run(shared, &before, &fresh, run)?;
    let volume = write_volume(shared, &fresh, volume)?;
    let snapshot = checkpoint
        .and_then(|c| Some((c.tag, (c.state)()?)))
        .map(|(tag, bytes)| snapshot::write(files, dir, state, &bytes).map(|s| (tag, s)))
        .transpose()?;
    let catalog = &mut *shared.lock();
    shared.publish(catalog, |state| {
        state.frozen.retain(|frozen| !Arc::ptr_eq(frozen, &fresh));
        state.runs.extend(run);
        state.volumes.extend(volume);
    });
    if let Some((tag, snapshot)) = snapshot {
        let state = shared.state();
        let old = catalog.manifest.as_ref().map(|manifest| manifest.snapshot.number);
        shared.commit(catalog, manifest(&state, tag, snapshot))?;
        shared.remove(old.map(snapshot::name));
    }
    catalog.spare = Some(fresh);
    shared.changed.notify_all();
    Ok(())
}

fn manifest(state: &State, tag: Vec<u8>, snapshot: snapshot::SnapshotRef) -> Manifest {
    let runs = state.runs.iter().map(|run| Part { number: run.number, size: run.count });
    let volumes = state.volumes.iter().map(|v| Part { number: v.number, size: v.weight });
    Manifest { next: 0, tag, snapshot, runs: runs.collect(), volumes: volumes.collect() }
}

fn write_run(
    shared: &Shared,
    before: &State,
    fresh: &Fresh,
    number: u64,
) -> Result<Option<Arc<IdRun>>, Error> {
    if fresh.ids.len() == 0 {
        return Ok(None);
    }
    let (files, dir): (_, &Path) = (&*shared.files, &shared.dir);
    let mut writer = IdWriter::create(files, dir, number, fresh.ids.len() as u64)?;
    for (id, value) in fresh.ids.sorted() {
        writer.entry(id, value)?;
    }
    writer.finish(number)?;
    let room = shared.filter_room(before.runs.iter());
    IdRun::open(files, dir, number, room).map(|run| Some(Arc::new(run)))
}

fn write_volume(shared: &Shared, fresh: &Fresh, number: u64) -> Result<Option<Arc<Volume>>, Error> {
    if fresh.has_no_volume() {
        return Ok(None);
    }
    let (files, dir): (_, &Path) = (&*shared.files, &shared.dir);
    volume::write(files, dir, number, fresh)?;
    Volume::open(files, dir, number, shared.options.lists).map(|volume| Some(Arc::new(volume)))
}
