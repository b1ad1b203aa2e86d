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
    abode::check(&storage, dir)?;
    let held = home.claim()?;
    abode::note(&storage, dir)?;
    let desk = Desk { storage, dir: dir.to_owned(), home, held, folder, chart };
    let (archive, opening) = desk.archive()?;
    let (reason, archive) = match opening {
        Opening::At { tag, state } => match desk.resume(archive, (&tag, &state)) {
            Ok(opened) => return Ok(opened),
            Err(Misfit::Fault(error)) => return Err(error),
            Err(Misfit::Index { reason, known }) => {
                desk.check_journal(known)?;
                (Some(reason), None)
            }
        },
        Opening::Anew { because } => (because.map(|error| error.to_string()), Some(archive)),
    };
    if let Some(reason) = reason {
        tracing::warn!(%reason, "the index of the book is built anew from its journal");
    }
    let archive = archive.map_or_else(|| desk.anew(), Ok)?;
    desk.replay(archive, open_date)
}

/// Why an opening does not go on from the checkpoint.
enum Misfit {
    /// It does not fit the chart or the journal: the index is built anew. The last batch that it
    /// knew; 0 if that cannot be told.
    Index { reason: String, known: u64 },
    /// Disk or database gave no answer: nothing is thrown away for that.
    Fault(Error),
}

impl Misfit {
    fn of(error: Error, known: u64) -> Self {
        let index = match &error {
            Error::Journal { code, .. } => *code == "journal_corrupt",
            other => !other.is_passing(),
        };
        if index { Self::Index { reason: error.to_string(), known } } else { Self::Fault(error) }
    }
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

    /// Whether the journal has all that a checkpoint knew: before the index is thrown away.
    fn check_journal(&self, known: u64) -> Result<(), Error> {
        let ends = self.home.walk(&mut |_| Ok(()))?.sequence;
        if ends >= known {
            return Ok(());
        }
        Err(Error::JournalLost { dir: self.dir.display().to_string(), ends, known })
    }

    /// From the checkpoint.
    fn resume(&self, archive: Archive, (tag, state): (&[u8], &[u8])) -> Result<Opened, Misfit> {
        let chart = Arc::clone(&self.chart);
        let parts = (archive, self.home.reader());
        let states = self.storage.states_of_journal;
        let restored = checkpoint::restore(parts, chart, (tag, state), states)
            .map_err(|reason| Misfit::Index { reason, known: 0 })?;
        let Restored { model, from, mark } = restored;
        let mut replay = Replay::behind(model, mark);
        let opened = self.held.open_behind(Some(from), &mut |batch| Ok(replay.batch(batch)?));
        let known = from.sequence;
        let (journal, found) = opened.map_err(|error| Misfit::of(error.into(), known))?;
        warn_of_torn(&found);
        let mark = replay.mark();
        match replay.finish() {
            Stage::Begun(model) => Ok(self.opened(model, journal, mark)),
            _ => Err(Misfit::Index { reason: "it holds no book".to_owned(), known }),
        }
    }

    /// From the first batch.
    fn replay(&self, archive: Archive, open_date: BusinessDate) -> Result<Opened, Error> {
        let states = self.storage.states_of_journal;
        let (parts, chart) = ((archive, self.home.reader()), Arc::clone(&self.chart));
        let mut replay = Replay::new(|date| Model::new(parts, chart, date, states));
        let (mut journal, found) =
            self.held.open_behind(None, &mut |batch| Ok(replay.batch(batch)?))?;
        warn_of_torn(&found);
        let mark = replay.mark();
        match replay.finish() {
            Stage::Begun(model) => Ok(self.opened(model, journal, mark)),
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
