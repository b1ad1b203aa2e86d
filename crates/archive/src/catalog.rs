//! What there is: the parts readers see, and the manifest that says which of them count.

use crate::error::io_error;
use crate::fresh::Fresh;
use crate::idrun::{self, IdRun};
use crate::manifest::{self, Manifest};
use crate::volume::{self, Volume};
use crate::{Error, Options, snapshot};
use journal::Files;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

/// Everything but what is new, the oldest first. Never changed: a new one takes its place.
#[derive(Default, Clone)]
pub(crate) struct State {
    /// Frozen, and not written yet.
    pub frozen: Vec<Arc<Fresh>>,
    pub runs: Vec<Arc<IdRun>>,
    pub volumes: Vec<Arc<Volume>>,
}

/// What the threads of an archive share.
pub(crate) struct Shared {
    pub files: Arc<dyn Files>,
    pub dir: PathBuf,
    pub options: Options,
    state: RwLock<Arc<State>>,
    catalog: Mutex<Catalog>,
    /// Something was written, or failed.
    pub changed: Condvar,
}

/// What only one thread at a time may change.
pub(crate) struct Catalog {
    pub next: u64,
    /// `None` before the first checkpoint.
    pub manifest: Option<Manifest>,
    pub failure: Option<String>,
    pub closing: bool,
    /// What was written last: the room for what comes after the next freeze.
    pub spare: Option<Arc<Fresh>>,
}

impl Catalog {
    /// A number for a new file.
    pub(crate) fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.failure {
            Some(reason) => Err(Error::Stopped { reason: reason.clone() }),
            None => Ok(()),
        }
    }
}

impl Shared {
    pub(crate) fn new(
        files: Arc<dyn Files>,
        dir: PathBuf,
        options: Options,
        found: Option<(Manifest, State)>,
    ) -> Self {
        let (manifest, state) = found.unzip();
        let next = manifest.as_ref().map_or(1, |manifest| manifest.next);
        Self {
            files,
            dir,
            options,
            state: RwLock::new(Arc::new(state.unwrap_or_default())),
            catalog: Mutex::new(Catalog {
                next,
                manifest,
                failure: None,
                closing: false,
                spare: None,
            }),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Catalog> {
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For what is new after a freeze: the room of what was written last, unless a reader is still
    /// at it.
    pub(crate) fn empty(&self) -> Fresh {
        let spare = self.lock().spare.take().and_then(Arc::into_inner);
        spare.map_or_else(|| Fresh::new(self.options.lists), Fresh::cleared)
    }

    pub(crate) fn wait<'c>(&self, catalog: MutexGuard<'c, Catalog>) -> MutexGuard<'c, Catalog> {
        self.changed.wait(catalog).unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows readers another state; the catalog is held meanwhile, so that nobody else does.
    pub(crate) fn publish(&self, _held: &mut Catalog, change: impl FnOnce(&mut State)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = State::clone(&state);
        change(&mut next);
        *state = Arc::new(next);
    }

    /// Makes `manifest` the one that counts; what it names is synced already but for its names.
    pub(crate) fn commit(&self, held: &mut Catalog, mut manifest: Manifest) -> Result<(), Error> {
        held.check()?;
        manifest.next = held.next;
        self.files.sync_dir(&self.dir).map_err(io_error("sync", &self.dir))?;
        manifest.write(&*self.files, &self.dir)?;
        held.manifest = Some(manifest);
        Ok(())
    }

    pub(crate) fn fail(&self, error: &Error) {
        tracing::error!(%error, "the archive stands still");
        self.lock().failure.get_or_insert_with(|| error.to_string());
        self.changed.notify_all();
    }

    /// Removes files that no manifest names any more. What is left of them after a failure goes
    /// at the next opening.
    pub(crate) fn remove(&self, names: impl IntoIterator<Item = String>) {
        for name in names {
            let path = self.dir.join(name);
            if let Err(error) = self.files.remove(&path) {
                tracing::warn!(path = %path.display(), %error, "a file is left over");
            }
        }
    }

    /// How many bytes of memory a filter may still take beside those of `runs`.
    pub(crate) fn filter_room<'r>(&self, runs: impl Iterator<Item = &'r Arc<IdRun>>) -> u64 {
        let taken = runs.map(|run| run.resident_bytes()).sum();
        self.options.filter_bytes.saturating_sub(taken)
    }
}

/// Opens everything a manifest names, and the state of its checkpoint.
pub(crate) fn load(
    files: &dyn Files,
    dir: &Path,
    options: &Options,
) -> Result<(Manifest, State, Vec<u8>), Error> {
    let manifest = Manifest::read(files, dir)?;
    let mut state = State::default();
    let mut room = options.filter_bytes;
    // The newest runs are asked first and are the smallest: their filters come first.
    for part in manifest.runs.iter().rev() {
        let run = IdRun::open(files, dir, part.number, room)?;
        if run.count != part.size {
            return Err(mismatch(dir, &idrun::name(part.number)));
        }
        room = room.saturating_sub(run.resident_bytes());
        state.runs.insert(0, Arc::new(run));
    }
    for part in &manifest.volumes {
        let volume = Volume::open(files, dir, part.number, options.lists)?;
        if volume.weight != part.size {
            return Err(mismatch(dir, &volume::name(part.number)));
        }
        state.volumes.push(Arc::new(volume));
    }
    let bytes = snapshot::read(files, dir, manifest.snapshot)?;
    Ok((manifest, state, bytes))
}

fn mismatch(dir: &Path, name: &str) -> Error {
    crate::error::corrupt(&dir.join(name), 0, "it is not the one the manifest means")
}

/// Removes every file of ours that the manifest does not name.
pub(crate) fn sweep(
    files: &dyn Files,
    dir: &Path,
    manifest: Option<&Manifest>,
) -> Result<(), Error> {
    let mut kept = Vec::new();
    if let Some(manifest) = manifest {
        kept.push(manifest::NAME.to_owned());
        kept.push(snapshot::name(manifest.snapshot.number));
        kept.extend(manifest.runs.iter().map(|part| idrun::name(part.number)));
        kept.extend(manifest.volumes.iter().map(|part| volume::name(part.number)));
    }
    for name in files.list(dir).map_err(io_error("list", dir))? {
        if is_ours(&name) && !kept.contains(&name) {
            let path = dir.join(&name);
            files.remove(&path).map_err(io_error("remove", &path))?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    let numbered = |end: &str| {
        let digits = name.strip_suffix(end);
        digits.is_some_and(|d| d.len() >= 10 && d.bytes().all(|b| b.is_ascii_digit()))
    };
    name == manifest::NAME
        || name == "manifest.new"
        || [".ids", ".vol", ".state"].into_iter().any(numbered)
}
