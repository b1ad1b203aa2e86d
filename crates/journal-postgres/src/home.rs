//! Where the log is: finding it, making it, claiming it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use journal::{Chain, Error, Held, Home, Journal, Position, Reader, Recovery, Visit, form};
use pg::Unfit;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use crate::engine::Engine;
use crate::reader::PostgresReader;
use crate::tables;
use crate::walk::{self, End};
use crate::writer::PostgresJournal;

/// How long a claim waits for another process to let go: one that was killed a moment ago.
const CLAIMING: Duration = Duration::from_secs(3);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);
/// The first half of the lock's key; the second is the schema's.
pub(crate) const LOCK: i32 = 0x6a6f_7572;

/// A log in a database, in the schema that the connection's search path names first. One schema
/// has one log.
#[derive(Clone)]
pub struct PostgresHome {
    engine: Arc<Engine>,
    url: Arc<str>,
}

/// What `journal_head` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub epoch: i64,
    pub sequence: u64,
    pub chain: Chain,
}

impl PostgresHome {
    /// The log of this kind at a URL (`postgres://user@host/database`). Connects to nothing yet.
    ///
    /// # Errors
    /// [`Error::Database`] for what is no URL of PostgreSQL, [`Error::WrongKind`] for a kind that
    /// no log can have.
    pub fn new(url: &str, kind: impl Into<String>) -> Result<Self, Error> {
        let (name, kind) = (pg::without_password(url), kind.into());
        let options = options(url)?;
        if !form::kind_fits(&kind) {
            return Err(Error::WrongKind { file: name.into(), found: String::new(), wanted: kind });
        }
        let engine = Engine::new(options, name, kind)?;
        Ok(Self { engine: Arc::new(engine), url: url.into() })
    }
}

impl PostgresHome {
    /// Whether the log was ever claimed.
    fn stands(&self) -> Result<bool, Error> {
        let readers = self.engine.readers.clone();
        self.engine.run("read", async move {
            sqlx::query_scalar(tables::STANDS).fetch_one(&readers).await
        })
    }
}

impl std::fmt::Debug for PostgresHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PostgresHome").field(&self.engine).finish()
    }
}

/// Whether a URL may name a log's home; connects to nothing.
///
/// # Errors
/// [`Error::Database`].
pub fn check(url: &str) -> Result<(), Error> {
    options(url).map(drop)
}

fn options(url: &str) -> Result<PgConnectOptions, Error> {
    pg::parse(url).map_err(|error| Error::Database {
        action: "open",
        home: error.url,
        reason: error.reason.to_owned(),
    })
}

impl Home for PostgresHome {
    fn claim(&self) -> Result<Box<dyn Held>, Error> {
        let engine = &self.engine;
        let (options, url) = (engine.writing.clone(), Arc::clone(&self.url));
        let unfit = engine.run("open", async move {
            match pg::examine(&options, &url).await {
                Ok(()) => Ok(None),
                Err(Unfit::Url(error)) => Ok(Some(error.reason)),
                Err(Unfit::Connection(error)) => Err(error),
            }
        })?;
        if let Some(reason) = unfit {
            return Err(engine.failed("open", reason));
        }

        let (options, kind) = (engine.writing.clone(), engine.kind.clone());
        let claimed = engine.run("claim", async move { claim(&options, &kind).await })?;
        let (connection, epoch) = match claimed {
            Claimed::Held(connection, epoch) => (connection, epoch),
            Claimed::ByAnother => {
                return Err(Error::Locked { dir: engine.name.clone().into() });
            }
            Claimed::OfKind(found) => {
                let (file, wanted) = (engine.name.clone().into(), engine.kind.clone());
                return Err(Error::WrongKind { file, found, wanted });
            }
        };
        let connection = Mutex::new(Some(connection));
        Ok(Box::new(HeldLog { engine: Arc::clone(engine), epoch, connection }))
    }

    fn identity(&self) -> Result<Option<String>, Error> {
        if !self.stands()? {
            return Ok(None);
        }
        let readers = self.engine.readers.clone();
        self.engine.run("read", async move {
            sqlx::query_scalar(tables::LOG).fetch_optional(&readers).await
        })
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(PostgresReader::new(Arc::clone(&self.engine)))
    }

    fn walk(&self, visit: Visit<'_>) -> Result<Recovery, Error> {
        let engine = &self.engine;
        if !self.stands()? {
            return Ok(Recovery::of(&engine.kind));
        }
        let readers = engine.readers.clone();
        let found =
            engine.run("read", async move { head(&mut *readers.acquire().await?).await })?;
        let head = engine.own(found)?;
        walk::walk(engine, None, End::AtLeast(head), visit).map(|(recovery, _)| recovery)
    }
}

/// The log, claimed under an epoch.
struct HeldLog {
    engine: Arc<Engine>,
    epoch: i64,
    /// The session that holds the lock, until a journal is opened with it.
    connection: Mutex<Option<PgConnection>>,
}

impl HeldLog {
    /// The head, whose epoch is still ours.
    fn head(&self) -> Result<Head, Error> {
        let readers = self.engine.readers.clone();
        let found = async move { head(&mut *readers.acquire().await?).await };
        let head = self.engine.own(self.engine.run("read", found)?)?;
        if head.epoch == self.epoch {
            return Ok(head);
        }
        Err(Error::Deposed { home: self.engine.name.clone() })
    }
}

impl Held for HeldLog {
    fn open_behind(
        &self,
        from: Option<Position>,
        visit: Visit<'_>,
    ) -> Result<(Box<dyn Journal>, Recovery), Error> {
        // Nobody appends any more but who holds this epoch, so this is the end.
        let head = self.head()?;
        let (found, last_bytes) = walk::walk(&self.engine, from, End::At(head), visit)?;
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        let last = Position { sequence: found.sequence, chain: found.chain, place: found.last };
        let engine = Arc::clone(&self.engine);
        let journal = PostgresJournal::new(engine, self.epoch, connection, (last, last_bytes));
        Ok((Box::new(journal), found))
    }
}

/// The kind that a head names, and the rest of it.
pub(crate) type Named = (String, Head);

impl Engine {
    /// The head, if the log is of our kind.
    pub(crate) fn own(&self, (kind, head): Named) -> Result<Head, Error> {
        if kind == self.kind {
            return Ok(head);
        }
        let (file, wanted) = (self.name.clone().into(), self.kind.clone());
        Err(Error::WrongKind { file, found: kind, wanted })
    }
}

/// Reads the head.
pub(crate) async fn head(connection: &mut PgConnection) -> Result<Named, sqlx::Error> {
    let row: (String, i64, i64, Vec<u8>) =
        sqlx::query_as(tables::HEAD).fetch_one(connection).await?;
    let (kind, epoch, sequence, chain) = row;
    let unsound = || sqlx::Error::Decode("journal_head is not what a log writes".into());
    let sequence = u64::try_from(sequence).map_err(|_| unsound())?;
    let chain = Chain::try_from(chain).map_err(|_| unsound())?;
    Ok((kind, Head { epoch, sequence, chain }))
}

/// What became of a claim.
enum Claimed {
    Held(PgConnection, i64),
    ByAnother,
    /// The log is of this kind, which is not ours.
    OfKind(String),
}

/// Connects, waits for the lock, makes what is missing and takes the next epoch.
async fn claim(options: &PgConnectOptions, kind: &str) -> Result<Claimed, sqlx::Error> {
    let until = Instant::now() + CLAIMING;
    let mut connection = options.connect().await?;
    while !pg::take_right(&mut connection, LOCK).await? {
        if Instant::now() >= until {
            connection.close().await.ok();
            return Ok(Claimed::ByAnother);
        }
        tokio::time::sleep(PAUSE).await;
    }
    if !sqlx::query_scalar(tables::STANDS).fetch_one(&mut connection).await? {
        connection.execute(tables::MAKE).await?;
        connection.execute(AssertSqlSafe(tables::guard())).await?;
        let genesis = form::genesis(kind);
        sqlx::query(tables::BEGIN).bind(kind).bind(&genesis[..]).execute(&mut connection).await?;
    }
    let claim = sqlx::query_scalar(tables::CLAIM).bind(kind);
    match claim.fetch_optional(&mut connection).await? {
        Some(epoch) => Ok(Claimed::Held(connection, epoch)),
        None => head(&mut connection).await.map(|(found, _)| Claimed::OfKind(found)),
    }
}
