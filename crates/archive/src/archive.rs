//! The door of an archive.

use crate::catalog::{self, Shared, State};
use crate::error::io_error;
use crate::fresh::Fresh;
use crate::keeper::{Checkpoint, Keeper};
use crate::lists::Link;
use crate::marks::Mark;
use crate::view::View;
use crate::{Error, MAX_ROW_BYTES, Options, manifest};
use journal::Files;
use std::path::Path;
use std::sync::Arc;

/// What an opening found.
#[derive(Debug)]
pub enum Opening {
    /// Nothing that counts: the owner begins at the first batch of its log.
    Anew {
        /// What was there and cannot be used; `None` if nothing was.
        because: Option<Error>,
    },
    /// A checkpoint: the owner goes on behind it.
    At {
        /// Which part of the log it covers.
        tag: Vec<u8>,
        /// The owner's state.
        state: Vec<u8>,
    },
}

/// Everything that was ever put in. One owner writes; a [`View`] reads.
pub struct Archive {
    fresh: Fresh,
    keeper: Keeper,
}

impl Archive {
    /// Opens the archive in `dir` (made if missing), which only this process may use. Damage is
    /// no error but [`Opening::Anew`].
    ///
    /// # Errors
    /// [`Error::Io`] if the directory cannot be made, read or cleared of leftovers.
    pub fn open(
        files: Arc<dyn Files>,
        dir: &Path,
        options: Options,
    ) -> Result<(Self, Opening), Error> {
        files.create_dir(dir).map_err(io_error("make", dir))?;
        let names = files.list(dir).map_err(io_error("list", dir))?;
        let (found, opening) = if names.iter().any(|name| name == manifest::NAME) {
            match catalog::load(&*files, dir, &options) {
                Ok((manifest, state, bytes)) => {
                    let tag = manifest.tag.clone();
                    (Some((manifest, state)), Opening::At { tag, state: bytes })
                }
                Err(error) => (None, Opening::Anew { because: Some(error) }),
            }
        } else {
            (None, Opening::Anew { because: None })
        };
        catalog::sweep(&*files, dir, found.as_ref().map(|(manifest, _)| manifest))?;
        let keeper = Keeper::start(Shared::new(files, dir.to_owned(), options, found))?;
        Ok((Self { fresh: Fresh::new(options.lists), keeper }, opening))
    }

    /// Remembers what is known about an id, in place of what was.
    pub fn put_id(&mut self, id: u128, value: u64) {
        self.fresh.ids.put(id, value);
    }

    /// Keeps bytes under a number above all before; at most [`MAX_ROW_BYTES`].
    pub fn put_row(&mut self, seq: u64, bytes: &[u8]) {
        assert!(bytes.len() <= MAX_ROW_BYTES, "a row is longer than any that could be read");
        self.fresh.rows.put(seq, bytes);
    }

    /// Keeps a mark; its number and moment are not below those before.
    pub fn put_mark(&mut self, mark: Mark) {
        self.fresh.marks.push(mark);
    }

    /// Appends to the list of a kind (below [`Options::lists`]) under a key; the item's number is
    /// above those before it under this key.
    pub fn put_link(&mut self, kind: u8, key: u128, item: Link) {
        if let Some(lists) = self.fresh.lists.get_mut(usize::from(kind)) {
            lists.put(key, item);
        }
    }

    /// Whether it is time to freeze.
    pub fn is_due(&self) -> bool {
        self.fresh.is_full(&self.keeper.shared.options)
    }

    /// Whether nothing is new since the last freeze.
    pub fn is_settled(&self) -> bool {
        self.fresh.is_empty()
    }

    /// Hands what is new to the writer, and makes it count with a checkpoint. Waits while two
    /// such loads are unwritten.
    ///
    /// # Errors
    /// [`Error::Stopped`] if an earlier one failed; [`Error::Io`] and [`Error::Corrupt`] without
    /// a background.
    pub fn freeze(&mut self, checkpoint: Option<Checkpoint>) -> Result<(), Error> {
        let fresh = std::mem::replace(&mut self.fresh, self.keeper.shared.empty());
        self.keeper.freeze(fresh, checkpoint)
    }

    /// Whether a freeze returns before everything is written.
    pub fn has_background(&self) -> bool {
        self.keeper.shared.options.background
    }

    /// Returns once everything frozen is on the disk.
    pub fn settle(&self) -> Result<(), Error> {
        self.keeper.settle()
    }

    /// Takes nothing more, and makes the next opening begin anew: for an owner that found damage
    /// while it was reading.
    pub fn condemn(&self, reason: &str) -> Result<(), Error> {
        let shared = &self.keeper.shared;
        let mut catalog = shared.lock();
        catalog.failure.get_or_insert_with(|| reason.to_owned());
        shared.changed.notify_all();
        forget(&*shared.files, &shared.dir)
    }

    /// What is known about an id that was put in since the last freeze.
    pub fn new_id(&self, id: u128) -> Option<u64> {
        self.fresh.ids.get(id)
    }

    /// What was known at the last freeze about each of these ids, in their order, in place of
    /// what `found` holds. The whole batch at once: most ids are in no run, and the cache misses
    /// that show it overlap.
    pub fn old_ids(&self, ids: &[u128], found: &mut Vec<Option<u64>>) -> Result<(), Error> {
        found.clear();
        found.resize(ids.len(), None);
        self.keeper.shared.state().ids(ids, found)
    }

    /// Everything there is, for its owner to read.
    pub fn view(&self) -> View<&Self> {
        View::of(self)
    }

    /// What is new, and everything else.
    pub(crate) fn parts(&self) -> (&Fresh, Arc<State>) {
        (&self.fresh, self.keeper.shared.state())
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.keeper.shared.state();
        f.debug_struct("Archive")
            .field("dir", &self.keeper.shared.dir)
            .field("frozen", &state.frozen.len())
            .field("runs", &state.runs.len())
            .field("volumes", &state.volumes.len())
            .finish_non_exhaustive()
    }
}

/// Removes everything there is of an archive that nobody has open.
pub fn clear(files: &dyn Files, dir: &Path) -> Result<(), Error> {
    catalog::sweep(files, dir, None)
}

/// Makes the next opening begin anew: for an owner that found damage, or a checkpoint that does
/// not fit its log.
pub fn forget(files: &dyn Files, dir: &Path) -> Result<(), Error> {
    let names = files.list(dir).map_err(io_error("list", dir))?;
    if names.iter().any(|name| name == manifest::NAME) {
        let path = dir.join(manifest::NAME);
        files.remove(&path).map_err(io_error("remove", &path))?;
        files.sync_dir(dir).map_err(io_error("sync", dir))?;
    }
    Ok(())
}
