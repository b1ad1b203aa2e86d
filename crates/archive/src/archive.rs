//! The door of an archive.

use crate::catalog::{self, Shared, State};
use crate::error::io_error;
use crate::fresh::Fresh;
use crate::keeper::{Checkpoint, Keeper};
use crate::lists::Link;
use crate::marks::Mark;
use crate::{Error, MAX_ROW_BYTES, Options, hash, lists, manifest, marks, rows};
use journal::Files;
use std::ops::Bound;
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

/// Everything that was ever put in. One owner writes; [`Archive::view`] reads.
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
        let next = self.fresh.room_like();
        let fresh = std::mem::replace(&mut self.fresh, next);
        self.keeper.freeze(fresh, checkpoint)
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
        let state = self.keeper.shared.state();
        for frozen in state.frozen.iter().rev() {
            for (id, found) in ids.iter().zip(found.iter_mut()).filter(|(_, f)| f.is_none()) {
                *found = frozen.ids.get(*id);
            }
        }
        if state.runs.is_empty() {
            return Ok(());
        }
        let hashes: Vec<u64> = ids.iter().map(|id| hash::of(*id)).collect();
        let mut likely = Vec::new();
        for run in state.runs.iter().rev() {
            run.likely(ids, &hashes, &mut likely)?;
            for place in &likely {
                if let Some((id, found)) = ids.get(*place).zip(found.get_mut(*place))
                    && found.is_none()
                {
                    *found = run.get(*id)?;
                }
            }
        }
        Ok(())
    }

    /// Everything as it is now, for reading.
    pub fn view(&self) -> View<'_> {
        View { fresh: &self.fresh, state: self.keeper.shared.state() }
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

/// The archive at one moment.
pub struct View<'a> {
    fresh: &'a Fresh,
    state: Arc<State>,
}

impl<'a> View<'a> {
    pub(crate) fn of(fresh: &'a Fresh, state: Arc<State>) -> Self {
        Self { fresh, state }
    }

    fn memory(&self) -> impl DoubleEndedIterator<Item = &Fresh> {
        self.state.frozen.iter().map(AsRef::as_ref).chain(std::iter::once(self.fresh))
    }

    /// What is known about an id.
    pub fn id(&self, id: u128) -> Result<Option<u64>, Error> {
        if let Some(value) = self.memory().rev().find_map(|fresh| fresh.ids.get(id)) {
            return Ok(Some(value));
        }
        let hash = hash::of(id);
        for run in self.state.runs.iter().rev() {
            if run.may_hold(id, hash)?
                && let Some(value) = run.get(id)?
            {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The row of a number.
    pub fn row(&self, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        if let Some(row) = self.memory().rev().find_map(|fresh| fresh.rows.get(seq)) {
            return Ok(Some(row));
        }
        for volume in self.state.volumes.iter().rev() {
            if volume.rows.begins_at_or_before(seq) {
                return rows::get(&volume.rows, seq);
            }
        }
        Ok(None)
    }

    /// The rows above a number, in order, at most `limit`.
    pub fn rows_above(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let mut out = Vec::new();
        let from = self.state.volumes.iter().rposition(|v| v.rows.begins_at_or_before(after));
        for volume in self.state.volumes.iter().skip(from.unwrap_or(0)) {
            rows::above(&volume.rows, after, limit, &mut out)?;
        }
        self.memory().for_each(|fresh| fresh.rows.above(after, limit, &mut out));
        Ok(out)
    }

    /// The mark that holds for a number: the last whose own is not above it.
    pub fn mark_of(&self, seq: u64) -> Result<Option<Mark>, Error> {
        let here = |mark: &Mark| mark.seq <= seq;
        let mut memory = self.memory().rev();
        if let Some(mark) = memory.find_map(|fresh| marks::last_where(&fresh.marks, here)) {
            return Ok(Some(mark));
        }
        for volume in self.state.volumes.iter().rev() {
            if let Some(mark) = marks::of(&volume.marks, seq)? {
                return Ok(Some(mark));
            }
        }
        Ok(None)
    }

    /// The first mark whose moment is above this one.
    pub fn mark_after(&self, moment: u64) -> Result<Option<Mark>, Error> {
        for volume in &self.state.volumes {
            if let Some(mark) = marks::after(&volume.marks, moment)? {
                return Ok(Some(mark));
            }
        }
        let first = |fresh: &Fresh| marks::first_where_not(&fresh.marks, |mark| mark.at <= moment);
        Ok(self.memory().find_map(first))
    }

    /// The items of a list above a number, oldest first, at most `limit`.
    pub fn above(
        &self,
        kind: u8,
        key: u128,
        after: Bound<u64>,
        limit: usize,
    ) -> Result<Vec<Link>, Error> {
        let mut out = Vec::new();
        let kind = usize::from(kind);
        for table in self.state.volumes.iter().filter_map(|volume| volume.lists.get(kind)) {
            lists::above(table, key, after, limit, &mut out)?;
        }
        for list in self.memory().filter_map(|fresh| fresh.lists.get(kind)) {
            list.above(key, after, limit, &mut out);
        }
        Ok(out)
    }

    /// The items of a list below a number, newest first, at most `limit`.
    pub fn below(
        &self,
        kind: u8,
        key: u128,
        before: Bound<u64>,
        limit: usize,
    ) -> Result<Vec<Link>, Error> {
        let mut out = Vec::new();
        let kind = usize::from(kind);
        for list in self.memory().rev().filter_map(|fresh| fresh.lists.get(kind)) {
            list.below(key, before, limit, &mut out);
        }
        for table in self.state.volumes.iter().rev().filter_map(|volume| volume.lists.get(kind)) {
            lists::below(table, key, before, limit, &mut out)?;
        }
        Ok(out)
    }
}
