//! Opening a book: from its last checkpoint if there is one that fits, else from its first batch.

use crate::abode;
use crate::checkpoint::{self, Restored};
use crate::error::no_genesis;
use crate::model::Model;
use crate::notes::lists;
use crate::record::{Head, Mark};
use crate::replay::{Replay, Stage};
use crate::{Error, Storage};
use archive::{Archive, Opening};
use journal::{Claim, Held, Home, Journal, Recovery};
use ledger::Chart;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::BusinessDate;

/// Where in a book's directory its archive is.
pub(crate) fn archive_dir(dir: &Path) -> PathBuf {
    dir.join("index")
}

/// A book that was opened, its journal, and what was applied last.
pub(crate) struct Opened {
    pub model: Model,
    pub journal: Box<dyn Journal>,
    pub mark: Mark,
    /// The claim to the directory, where that to the journal is none.
    pub folder: Option<Claim>,
}

/// What an opening works with.
struct Desk {
    storage: Storage,
    dir: PathBuf,
    home: Arc<dyn Home>,
    held: Box<dyn Held>,
    folder: Option<Claim>,
    chart: Arc<Chart>,
}

/// Opens the book in `dir`, beginning it on `open_date` if there is none.
pub(crate) fn open(
    storage: Storage,
    dir: &Path,
    chart: Arc<Chart>,
    open_date: BusinessDate,
) -> Result<Opened, Error> {
    let home = storage.home(dir);
    // The index in the directory has one writer too, wherever the journal is.
    let folder = match &storage.journal {
        Some(_) => Some(Claim::take(Arc::clone(&storage.files), dir)?),
        None => None,
    };
    let held = home.claim()?;
    abode::settle(&storage, dir)?;
    let desk = Desk { storage, dir: dir.to_owned(), home, held, folder, chart };
    let (archive, opening) = desk.archive()?;
    let (reason, archive, past) = match opening {
        Opening::At { tag, state } => match desk.resume(archive, (&tag, &state)) {
            Ok(opened) => return Ok(opened),
            Err(reason) => (Some(reason), None, Past::Known),
        },
        Opening::Anew { because } => {
            (because.map(|error| error.to_string()), Some(archive), Past::Unknown)
        }
    };
    if let Some(reason) = reason {
        tracing::warn!(%reason, "the index of the book is built anew from its journal");
    }
    let archive = archive.map_or_else(|| desk.anew(), Ok)?;
    desk.replay(archive, open_date, past)
}

/// Whether a checkpoint says that the book has a past.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Past {
    Known,
    Unknown,
}

impl Desk {
    fn archive(&self) -> Result<(Archive, Opening), Error> {
        let options = archive::Options { lists: lists::COUNT, ..self.storage.index };
        let files = Arc::clone(&self.storage.files);
        Archive::open(files, &archive_dir(&self.dir), options).map_err(Error::from)
    }

    /// An empty archive, whatever was there.
    fn anew(&self) -> Result<Archive, Error> {
        archive::forget(&*self.storage.files, &archive_dir(&self.dir))?;
        self.archive().map(|(archive, _)| archive)
    }

    /// From the checkpoint; why not, if it does not fit the chart or the journal.
    fn resume(&self, archive: Archive, (tag, state): (&[u8], &[u8])) -> Result<Opened, String> {
        let chart = Arc::clone(&self.chart);
        let parts = (archive, self.home.reader());
        let states = self.storage.states_of_journal;
        let restored = checkpoint::restore(parts, chart, (tag, state), states)?;
        let Restored { model, from, mark } = restored;
        let mut replay = Replay::behind(model, mark);
        let opened = self.held.open_behind(Some(from), &mut |batch| Ok(replay.batch(batch)?));
        let (journal, found) = opened.map_err(|error| error.to_string())?;
        warn_of_torn(&found);
        let mark = replay.mark();
        match replay.finish() {
            Stage::Begun(model) => Ok(self.opened(model, journal, mark)),
            _ => Err("it holds no book".to_owned()),
        }
    }

    /// From the first batch.
    fn replay(
        &self,
        archive: Archive,
        open_date: BusinessDate,
        past: Past,
    ) -> Result<Opened, Error> {
        let states = self.storage.states_of_journal;
        let (parts, chart) = ((archive, self.home.reader()), Arc::clone(&self.chart));
        let mut replay = Replay::new(|date| Model::new(parts, chart, date, states));
        let (mut journal, found) =
            self.held.open_behind(None, &mut |batch| Ok(replay.batch(batch)?))?;
        warn_of_torn(&found);
        let mark = replay.mark();
        match replay.finish() {
            Stage::Begun(model) => Ok(self.opened(model, journal, mark)),
            Stage::Empty(_) if past == Past::Known => {
                Err(Error::JournalLost { dir: self.dir.display().to_string() })
            }
            Stage::Empty(begin) => {
                let position = journal.append(&[&Head::Beginning { open_date }.encode()])?;
                let mark = Mark { sequence: position.sequence, effects: 0 };
                Ok(self.opened(begin(open_date), journal, mark))
            }
            Stage::Beginning => Err(no_genesis(mark.sequence, Some(open_date))),
        }
    }

    fn opened(&self, model: Model, journal: Box<dyn Journal>, mark: Mark) -> Opened {
        Opened { model, journal, mark, folder: self.folder.clone() }
    }
}

fn warn_of_torn(found: &Recovery) {
    if found.torn_bytes > 0 {
        tracing::warn!(bytes = found.torn_bytes, "a batch that a crash tore was cut off");
    }
}
