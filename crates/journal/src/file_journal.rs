//! A log in files: the embedded default.

use crate::blocks::Blocks;
use crate::error::io_error;
use crate::frame;
use crate::scan::{self, Recovery};
use crate::segment;
use crate::writer::Segment;
use crate::{Error, FileReader, Files, Held, Home, Journal, Position, Reader, Visit, form};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const LOCK: &str = "lock";

/// When an append to files is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When its bytes are on the disk.
    #[default]
    Sync,
    /// When the operating system has them; a power cut may lose the last ones (never a part of
    /// one, never one from the middle). [`Journal::sync`] makes them durable.
    Buffered,
}

/// How a log is kept in files.
#[derive(Debug, Clone)]
pub struct Options {
    /// What its records are and in which version (`book/1`): 1 to 24 characters of printable
    /// ASCII. A log of another kind is refused.
    pub kind: String,
    /// When an append is done.
    pub durability: Durability,
    /// How long a new segment file is, in bytes, rounded down to whole blocks; a longer batch gets
    /// a segment of its own length.
    pub segment_bytes: u64,
    /// Whether the next segment is made in the background before it is needed.
    pub ahead: bool,
}

impl Options {
    /// A log of this kind, every append synced, in segments of 16 MiB.
    pub fn new(kind: impl Into<String>) -> Self {
        let kind = kind.into();
        Self { kind, durability: Durability::Sync, segment_bytes: 16 << 20, ahead: true }
    }
}

/// An open log in files: the only writer of its directory. See the crate's promises.
pub struct FileJournal {
    files: Arc<dyn Files>,
    dir: PathBuf,
    options: Options,
    segment: Segment,
    last: Position,
    /// The last batch known to be on the disk.
    durable: u64,
    sealed: bool,
    failure: Option<String>,
    buffer: Blocks,
    _claim: Claim,
}

/// The right to be the only one in a log's directory, held until every clone of it, and the log
/// that was opened with it, is gone.
#[derive(Clone)]
pub struct Claim {
    files: Arc<dyn Files>,
    dir: PathBuf,
    _lock: Arc<dyn Send + Sync>,
}

impl Claim {
    /// Claims a directory, made if missing, so that what lies beside the log can be looked at
    /// before the log is opened.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Io`].
    pub fn take(files: Arc<dyn Files>, dir: &Path) -> Result<Self, Error> {
        files.create_dir(dir).map_err(io_error("make", dir))?;
        let lock_path = dir.join(LOCK);
        let lock = files
            .lock(&lock_path)
            .map_err(io_error("lock", &lock_path))?
            .ok_or_else(|| Error::Locked { dir: dir.to_owned() })?;
        Ok(Self { files, dir: dir.to_owned(), _lock: lock.into() })
    }
}

impl FileJournal {
    /// Opens the log in `dir` (made if missing), hands every batch from the first to `visit`, and
    /// cuts off a torn tail.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Corrupt`], [`Error::WrongKind`], [`Error::Io`], and
    /// [`Error::Refused`] if `visit` refuses a batch. Nothing is changed by a failed opening but
    /// leftovers of an unfinished segment, which are removed.
    pub fn open(
        files: Arc<dyn Files>,
        dir: &Path,
        options: Options,
        visit: Visit<'_>,
    ) -> Result<(Self, Recovery), Error> {
        Self::open_behind(Claim::take(files, dir)?, options, None, visit)
    }

    /// As [`FileJournal::open`], of a directory that is claimed already; behind a batch that is known,
    /// if one is: what is before it is not read.
    ///
    /// # Errors
    /// As [`FileJournal::open`]; [`Error::Corrupt`] if that batch is not where it was.
    pub fn open_behind(
        claim: Claim,
        options: Options,
        from: Option<Position>,
        visit: Visit<'_>,
    ) -> Result<(Self, Recovery), Error> {
        let (files, dir) = (Arc::clone(&claim.files), &*claim.dir.clone());
        if !segment::kind_fits(&options.kind) {
            return Err(Error::WrongKind {
                file: dir.to_owned(),
                found: String::new(),
                wanted: options.kind,
            });
        }
        let (found, tail) = scan::walk(&*files, dir, &options.kind, from, visit)?;
        remove_unfinished(&*files, dir)?;
        let sealed = tail.as_ref().is_none_or(|tail| tail.sealed);
        let segment = match tail {
            Some(tail) => Segment::resume(&*files, &options, tail)?,
            None => Segment::begin(&*files, dir, &options, (1, 1, found.chain), (0, None))?,
        };
        let last = Position { sequence: found.sequence, chain: found.chain, place: found.last };
        let journal = Self {
            files,
            dir: dir.to_owned(),
            options,
            segment,
            last,
            durable: last.sequence,
            sealed,
            failure: None,
            buffer: Blocks::default(),
            _claim: claim,
        };
        Ok((journal, found))
    }

    /// Seals the log and gives the directory free.
    ///
    /// # Errors
    /// As [`Journal::seal`].
    pub fn close(mut self) -> Result<(), Error> {
        self.seal()
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn check_standing(&self) -> Result<(), Error> {
        match &self.failure {
            Some(reason) => Err(Error::Stopped { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// After a failure nobody knows what is on the disk: the log stands still.
    fn guarded(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let result = step(self);
        if let Err(error) = &result {
            self.failure = Some(error.to_string());
        }
        result
    }

    fn write(&mut self, records: &[&[u8]]) -> Result<(), Error> {
        let frame_bytes = frame::frame_bytes(frame::body_bytes(records));
        if !self.segment.has_room(frame_bytes as u64) {
            self.roll(frame_bytes as u64)?;
        }
        let sequence = self.last.sequence + 1;
        self.segment.start_frame(&mut self.buffer, frame_bytes);
        let chain =
            frame::encode(self.buffer.end(), &self.last.chain, (sequence, self.durable), records);
        let (place, durable) = self.segment.write_frame(&mut self.buffer)?;
        self.last = Position { sequence, chain, place };
        self.sealed = records.is_empty();
        if durable {
            self.durable = sequence;
        }
        self.segment.look_ahead(&self.files, &self.dir, &self.options);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.durable < self.last.sequence {
            self.segment.sync()?;
            self.durable = self.last.sequence;
        }
        Ok(())
    }

    /// Begins a new segment. The old one is made durable first: only the last segment may have a
    /// torn tail.
    fn roll(&mut self, frame_bytes: u64) -> Result<(), Error> {
        self.flush()?;
        let start = (self.segment.index() + 1, self.last.sequence + 1, self.last.chain);
        let room = (frame_bytes, self.segment.take_ahead());
        self.segment = Segment::begin(&*self.files, &self.dir, &self.options, start, room)?;
        Ok(())
    }
}

impl Journal for FileJournal {
    fn append(&mut self, records: &[&[u8]]) -> Result<Position, Error> {
        self.check_standing()?;
        form::check(records)?;
        self.guarded(|journal| {
            journal.write(records)?;
            match journal.options.durability {
                Durability::Sync => journal.flush(),
                Durability::Buffered => Ok(()),
            }
        })?;
        Ok(self.last)
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.check_standing()?;
        self.guarded(Self::flush)
    }

    /// Writes into the log that everything is durable, if the last batch does not say so already.
    /// From then on damage to any batch before is told from a torn write.
    fn seal(&mut self) -> Result<(), Error> {
        self.check_standing()?;
        if self.sealed {
            return Ok(());
        }
        self.guarded(|journal| {
            journal.flush()?;
            journal.write(&[])?;
            journal.flush()
        })
    }

    fn last(&self) -> Position {
        self.last
    }
}

/// A directory of segment files.
pub struct FileHome {
    files: Arc<dyn Files>,
    dir: PathBuf,
    options: Options,
}

impl FileHome {
    /// A log in this directory, made when it is claimed.
    pub fn new(files: Arc<dyn Files>, dir: impl Into<PathBuf>, options: Options) -> Self {
        Self { files, dir: dir.into(), options }
    }
}

impl Home for FileHome {
    fn claim(&self) -> Result<Box<dyn Held>, Error> {
        let claim = Claim::take(Arc::clone(&self.files), &self.dir)?;
        Ok(Box::new(HeldDir { claim, options: self.options.clone() }))
    }

    /// A log in files is where they are.
    fn identity(&self) -> Result<Option<String>, Error> {
        Ok(None)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(FileReader::new(Arc::clone(&self.files), self.dir.clone()))
    }

    fn walk(&self, visit: Visit<'_>) -> Result<Recovery, Error> {
        scan::read(&*self.files, &self.dir, &self.options.kind, visit)
    }
}

struct HeldDir {
    claim: Claim,
    options: Options,
}

impl Held for HeldDir {
    fn open_behind(
        &self,
        from: Option<Position>,
        visit: Visit<'_>,
    ) -> Result<(Box<dyn Journal>, Recovery), Error> {
        let opened =
            FileJournal::open_behind(self.claim.clone(), self.options.clone(), from, visit)?;
        Ok((Box::new(opened.0), opened.1))
    }
}

impl std::fmt::Debug for FileJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileJournal")
            .field("dir", &self.dir)
            .field("sequence", &self.last.sequence)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

fn remove_unfinished(files: &dyn Files, dir: &Path) -> Result<(), Error> {
    for name in files.list(dir).map_err(io_error("list", dir))? {
        let path = dir.join(&name);
        let stem = name.strip_suffix(".new").map(|stem| format!("{stem}.log"));
        if stem.is_some_and(|name| segment::index_of(&name).is_some()) {
            files.remove(&path).map_err(io_error("remove", &path))?;
        }
    }
    Ok(())
}
