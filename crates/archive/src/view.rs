//! Reading an archive, also while its owner goes on.
//!
//! What is new lies in memory and changes; whatever else there is never does. So every look holds
//! the archive still only while it takes its answer from what is new and the list of everything
//! else, and reads files afterwards. Two looks see two moments, the second not before the first:
//! who wants one moment asks for all of it at once, or leaves out what has a later number.

use crate::archive::Archive;
use crate::catalog::State;
use crate::fresh::Fresh;
use crate::lists::Link;
use crate::marks::Mark;
use crate::{Error, hash, lists, marks, rows};
use std::ops::Bound;
use std::sync::Arc;

/// How a reader comes by the archive.
pub trait Access {
    /// Calls `look` with the archive, which nobody changes meanwhile.
    fn look<T>(&self, look: impl FnOnce(&Archive) -> T) -> T;
}

/// Its owner has it.
impl Access for &Archive {
    fn look<T>(&self, look: impl FnOnce(&Archive) -> T) -> T {
        look(self)
    }
}

/// Everything that was ever put in.
pub struct View<A>(A);

impl<A: Access> View<A> {
    /// A view of what `access` leads to.
    pub const fn of(access: A) -> Self {
        Self(access)
    }

    /// Something of what is new, and everything else as it is then.
    fn take<T>(&self, take: impl FnOnce(&Fresh) -> T) -> (T, Arc<State>) {
        self.0.look(|archive| {
            let (fresh, state) = archive.parts();
            (take(fresh), state)
        })
    }

    /// What is known about an id.
    pub fn id(&self, id: u128) -> Result<Option<u64>, Error> {
        Ok(self.ids(&[id])?.pop().flatten())
    }

    /// What is known about each of these ids, in their order.
    pub fn ids(&self, ids: &[u128]) -> Result<Vec<Option<u64>>, Error> {
        let new = |fresh: &Fresh| ids.iter().map(|id| fresh.ids.get(*id)).collect();
        let (mut found, state): (Vec<_>, _) = self.take(new);
        if found.iter().any(Option::is_none) {
            state.ids(ids, &mut found)?;
        }
        Ok(found)
    }

    /// The row of a number.
    pub fn row(&self, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.rows(&[seq])?.pop().flatten())
    }

    /// The rows of these numbers, in their order.
    pub fn rows(&self, seqs: &[u64]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let (mut found, state): (Vec<_>, _) =
            self.take(|fresh| seqs.iter().map(|seq| fresh.rows.get(*seq)).collect());
        for (seq, found) in seqs.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = state.row(*seq)?;
        }
        Ok(found)
    }

    /// The rows above a number, in order, at most `limit`.
    pub fn rows_above(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let (new, state) = self.take(|fresh| {
            let mut new = Vec::new();
            fresh.rows.above(after, limit, &mut new);
            new
        });
        let mut out = state.rows_above(after, limit)?;
        out.extend(new.into_iter().take(limit - out.len()));
        Ok(out)
    }

    /// The mark that holds for a number: the last whose own is not above it.
    pub fn mark_of(&self, seq: u64) -> Result<Option<Mark>, Error> {
        Ok(self.marks(&[seq])?.pop().flatten())
    }

    /// The marks that hold for these numbers, in their order.
    pub fn marks(&self, seqs: &[u64]) -> Result<Vec<Option<Mark>>, Error> {
        let of = |fresh: &Fresh, seq| marks::last_where(&fresh.marks, |mark| mark.seq <= seq);
        let (mut found, state): (Vec<_>, _) =
            self.take(|fresh| seqs.iter().map(|seq| of(fresh, *seq)).collect());
        for (seq, found) in seqs.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = state.mark_of(*seq)?;
        }
        Ok(found)
    }

    /// The first mark whose moment is above this one.
    pub fn mark_after(&self, moment: u64) -> Result<Option<Mark>, Error> {
        let first = |fresh: &Fresh| marks::first_where_not(&fresh.marks, |mark| mark.at <= moment);
        let (new, state) = self.take(first);
        for volume in &state.volumes {
            if let Some(mark) = marks::after(&volume.marks, moment)? {
                return Ok(Some(mark));
            }
        }
        Ok(state.frozen.iter().find_map(|fresh| first(fresh)).or(new))
    }

    /// The items of a list above a number, oldest first, at most `limit`.
    pub fn above(
        &self,
        kind: u8,
        key: u128,
        after: Bound<u64>,
        limit: usize,
    ) -> Result<Vec<Link>, Error> {
        let kind = usize::from(kind);
        let (mut out, mut after, mut read) = (Vec::new(), after, None::<Arc<State>>);
        loop {
            // What is new of a long list is much: it is asked only where the rest is not enough,
            // and counts only if nothing has become old since.
            let (unread, state) = self.0.look(|archive| {
                let (fresh, state) = archive.parts();
                let unread = read.as_ref().is_none_or(|read| !Arc::ptr_eq(read, &state));
                if !unread && let Some(list) = fresh.lists.get(kind) {
                    list.above(key, after, limit, &mut out);
                }
                (unread, state)
            });
            if !unread {
                return Ok(out);
            }
            state.above(kind, key, after, limit, &mut out)?;
            if out.len() >= limit {
                return Ok(out);
            }
            after = out.last().map_or(after, |last| Bound::Excluded(last.at));
            read = Some(state);
        }
    }

    /// The items of a list below a number, newest first, at most `limit`.
    pub fn below(
        &self,
        kind: u8,
        key: u128,
        before: Bound<u64>,
        limit: usize,
    ) -> Result<Vec<Link>, Error> {
        let kind = usize::from(kind);
        let (mut out, state) = self.take(|fresh| {
            let mut out = Vec::new();
            if let Some(list) = fresh.lists.get(kind) {
                list.below(key, before, limit, &mut out);
            }
            out
        });
        state.below(kind, key, before, limit, &mut out)?;
        Ok(out)
    }

    /// The newest item of the list under each of these keys, in their order.
    pub fn newest(&self, kind: u8, keys: &[u128]) -> Result<Vec<Option<Link>>, Error> {
        let kind = usize::from(kind);
        let of = |fresh: &Fresh, key| fresh.lists.get(kind).and_then(|list| list.newest(key));
        let (mut found, state): (Vec<_>, _) =
            self.take(|fresh| keys.iter().map(|key| of(fresh, *key)).collect());
        let mut one = Vec::new();
        for (key, found) in keys.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            state.below(kind, *key, Bound::Unbounded, 1, &mut one)?;
            *found = one.pop();
        }
        Ok(found)
    }
}

impl State {
    /// Fills in what is known about the ids of which nothing is `found` yet. The whole batch at
    /// once: most ids are in no run, and the cache misses that show it overlap.
    pub(crate) fn ids(&self, ids: &[u128], found: &mut [Option<u64>]) -> Result<(), Error> {
        for frozen in self.frozen.iter().rev() {
            for (id, found) in ids.iter().zip(found.iter_mut()).filter(|(_, f)| f.is_none()) {
                *found = frozen.ids.get(*id);
            }
        }
        if self.runs.is_empty() {
            return Ok(());
        }
        let hashes: Vec<u64> = ids.iter().map(|id| hash::of(*id)).collect();
        let mut likely = Vec::new();
        for run in self.runs.iter().rev() {
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

    fn row(&self, seq: u64) -> Result<Option<Vec<u8>>, Error> {
        if let Some(row) = self.frozen.iter().rev().find_map(|fresh| fresh.rows.get(seq)) {
            return Ok(Some(row));
        }
        let volume = self.volumes.iter().rev().find(|v| v.rows.begins_at_or_before(seq));
        volume.map_or(Ok(None), |volume| rows::get(&volume.rows, seq))
    }

    fn rows_above(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let mut out = Vec::new();
        let from = self.volumes.iter().rposition(|v| v.rows.begins_at_or_before(after));
        for volume in self.volumes.iter().skip(from.unwrap_or(0)) {
            rows::above(&volume.rows, after, limit, &mut out)?;
        }
        self.frozen.iter().for_each(|fresh| fresh.rows.above(after, limit, &mut out));
        Ok(out)
    }

    fn mark_of(&self, seq: u64) -> Result<Option<Mark>, Error> {
        let here = |mark: &Mark| mark.seq <= seq;
        let mut frozen = self.frozen.iter().rev();
        if let Some(mark) = frozen.find_map(|fresh| marks::last_where(&fresh.marks, here)) {
            return Ok(Some(mark));
        }
        for volume in self.volumes.iter().rev() {
            if let Some(mark) = marks::of(&volume.marks, seq)? {
                return Ok(Some(mark));
            }
        }
        Ok(None)
    }

    fn above(
        &self,
        kind: usize,
        key: u128,
        after: Bound<u64>,
        limit: usize,
        out: &mut Vec<Link>,
    ) -> Result<(), Error> {
        for table in self.volumes.iter().filter_map(|volume| volume.lists.get(kind)) {
            lists::above(table, key, after, limit, out)?;
        }
        for list in self.frozen.iter().filter_map(|fresh| fresh.lists.get(kind)) {
            list.above(key, after, limit, out);
        }
        Ok(())
    }

    fn below(
        &self,
        kind: usize,
        key: u128,
        before: Bound<u64>,
        limit: usize,
        out: &mut Vec<Link>,
    ) -> Result<(), Error> {
        for list in self.frozen.iter().rev().filter_map(|fresh| fresh.lists.get(kind)) {
            list.below(key, before, limit, out);
        }
        for table in self.volumes.iter().rev().filter_map(|volume| volume.lists.get(kind)) {
            lists::below(table, key, before, limit, out)?;
        }
        Ok(())
    }
}
