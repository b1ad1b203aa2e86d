//! What is new, in memory, until it is frozen and written.

use crate::Options;
use crate::idtable::IdTable;
use crate::lists::FreshLists;
use crate::marks::Mark;
use crate::rows::FreshRows;

/// Everything that was put in since the last freeze.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) ids: IdTable,
    pub(crate) rows: FreshRows,
    pub(crate) marks: Vec<Mark>,
    pub(crate) lists: Vec<FreshLists>,
}

impl Fresh {
    pub(crate) fn new(lists: u8) -> Self {
        Self {
            ids: IdTable::new(),
            rows: FreshRows::default(),
            marks: Vec::new(),
            lists: (0..lists).map(|_| FreshLists::new()).collect(),
        }
    }

    /// Empty, with the room it had: under a full load a table that doubles, and memory that is
    /// touched for the first time, would let a batch wait.
    pub(crate) fn cleared(mut self) -> Self {
        self.ids.clear();
        self.rows.clear();
        self.marks.clear();
        self.lists.iter_mut().for_each(FreshLists::clear);
        self
    }

    pub(crate) fn is_full(&self, options: &Options) -> bool {
        self.ids.len().max(self.rows.len()).max(self.marks.len()) >= options.fresh_entries
            || self.rows.bytes() >= options.fresh_bytes
    }

    /// Whether there is nothing for a volume.
    pub(crate) fn has_no_volume(&self) -> bool {
        self.rows.len() == 0
            && self.marks.is_empty()
            && self.lists.iter().all(|list| list.len() == 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.len() == 0 && self.has_no_volume()
    }
}
