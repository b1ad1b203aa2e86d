//! Looking at an archive without owning it: changes nothing, and reads everything it claims.

use crate::catalog::{self, State};
use crate::lists::{Link, ListScan};
use crate::marks::{self, Mark};
use crate::{Error, Options, manifest, merge, rows};
use journal::Files;
use std::path::Path;

/// What counts in an archive: its last checkpoint.
pub struct Inspection {
    /// Which part of the log it covers.
    pub tag: Vec<u8>,
    /// The owner's state.
    pub state: Vec<u8>,
    parts: State,
}

/// Looks at the archive in `dir`; `None` if it has no checkpoint. Whoever owns it may be at work:
/// files may then go away before they are opened, which reads as [`Error::Io`].
pub fn inspect(
    files: &dyn Files,
    dir: &Path,
    options: Options,
) -> Result<Option<Inspection>, Error> {
    let names = files.list(dir).unwrap_or_default();
    if !names.iter().any(|name| name == manifest::NAME) {
        return Ok(None);
    }
    let (manifest, parts, state) = catalog::load(files, dir, &options)?;
    Ok(Some(Inspection { tag: manifest.tag, state, parts }))
}

impl Inspection {
    /// Visits every id with what is known about it, by id.
    pub fn each_id(&self, mut visit: impl FnMut(u128, u64)) -> Result<(), Error> {
        let scans = self.parts.runs.iter().map(|run| run.scan()).collect();
        let visit = |id, value| {
            visit(id, value);
            Ok(())
        };
        merge::merge_ids(scans, visit, || false).map(|_| ())
    }

    /// Visits every row, in order.
    pub fn each_row(&self, mut visit: impl FnMut(u64, &[u8])) -> Result<(), Error> {
        self.parts.volumes.iter().try_for_each(|volume| {
            rows::each(&volume.rows, |seq, bytes| {
                visit(seq, bytes);
                Ok(())
            })
        })
    }

    /// Visits every mark, in order.
    pub fn each_mark(&self, mut visit: impl FnMut(Mark)) -> Result<(), Error> {
        self.parts.volumes.iter().try_for_each(|volume| {
            marks::each(&volume.marks, |mark| {
                visit(mark);
                Ok(())
            })
        })
    }

    /// Visits every item of every list: its kind, its key, itself.
    pub fn each_link(&self, mut visit: impl FnMut(u8, u128, Link)) -> Result<(), Error> {
        for volume in &self.parts.volumes {
            for (kind, table) in (0..).zip(&volume.lists) {
                let mut scan = ListScan::new(table);
                while let Some((key, items)) = scan.next()? {
                    for item in items {
                        visit(kind, key, item);
                    }
                }
            }
        }
        Ok(())
    }
}
