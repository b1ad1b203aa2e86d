//! The session that writes: the right to write, the fate of a commit, and coming back.
//!
//! **The right.** The session holds an advisory lock from its first statement to its end, and the
//! row of `records_writer` holds the epoch of the process that took it last. Every batch ends with
//! an update of that row under its own epoch: the lock keeps a second process out, the row keeps a
//! first one out that has lost its lock without knowing.
//!
//! **The fate.** The same update writes the batch's number, in the batch's transaction. If the
//! connection breaks while the commit is under way, a new session first takes the lock, which the
//! server gives only when the old session has ended and its transaction with it. Then the row
//! says, for certain, whether the batch was committed: it bears the batch's number or the one
//! before. (Transaction ids would not do: after a crash the server may give one out again.)
//!
//! **The stop.** Where the row cannot be read for long, the callers are told that the fate is not
//! known. If it turns out later that the batch was kept, what the rooms have in memory may lack
//! what the tables have (a freeze, say), and nobody would notice: so nothing more is written until
//! the program is started again. If it was not kept, nothing is amiss and the session goes on.
//!
//! **The check.** PostgreSQL answers COMMIT of a transaction in which a statement failed with a
//! success and rolls back. The update fails in such a transaction, so no such commit is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pg::take_right;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqlxPostgresConnector,
    TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::time::{Instant, sleep, timeout};

use super::fault;
use crate::unit::UNIT_TIME;
use crate::{Error, rows};

/// How long the server may be silent about one of the writer's own statements.
const ANSWER: Duration = Duration::from_secs(10);
/// How long opening waits for another process to let go: one that was killed a moment ago.
const OPENING: Duration = Duration::from_secs(3);
/// How long callers wait for a server that is away before their units are refused.
const AWAY: Duration = Duration::from_secs(5);
/// How long the next ones wait while it stays away.
const BRIEF: Duration = Duration::from_millis(500);
/// How long callers wait for the fate of a commit: a server's restart, not its repair.
const FATE: Duration = Duration::from_secs(30);
/// The pause between two attempts to connect or to take the lock.
const PAUSE: Duration = Duration::from_millis(50);
/// The first half of the lock's key; the second is the schema's.
const LOCK: i32 = 0x636f_756e;

const TABLE: &str = "records_writer";
const MAKE: &str = "
CREATE TABLE IF NOT EXISTS records_writer (
    one   BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
    epoch BIGINT  NOT NULL,
    batch BIGINT  NOT NULL
);
INSERT INTO records_writer (epoch, batch) VALUES (0, 0) ON CONFLICT DO NOTHING;
";

/// The writing session, across the connections it has had.
pub(crate) struct Session {
    options: PgConnectOptions,
    /// The connection; `None` after it broke.
    live: Option<DatabaseConnection>,
    /// This process's.
    epoch: i64,
    /// The number of the batch that was committed last.
    batch: i64,
    /// How long a batch waits for a server that is away.
    patience: Duration,
    /// The batch whose callers were told that its fate is not known.
    doubted: Option<i64>,
    /// It was kept: nothing more is written.
    stopped: bool,
}

/// What the row says.
struct Mark {
    epoch: i64,
    batch: i64,
}

impl Session {
    /// Takes the right to write.
    ///
    /// # Errors
    /// [`Error::InUse`] if another process keeps it.
    pub(crate) async fn open(options: &PgConnectOptions) -> Result<Self, Error> {
        let options = pg::with(options.clone(), false, UNIT_TIME);
        let live = connect(&options, Instant::now() + OPENING).await?;
        live.execute_unprepared(MAKE).await?;
        let sql = "UPDATE records_writer SET epoch = epoch + 1 RETURNING epoch, batch";
        let Mark { epoch, batch } = mark(&live, sql).await?;
        Ok(Self {
            options,
            live: Some(live),
            epoch,
            batch,
            patience: AWAY,
            doubted: None,
            stopped: false,
        })
    }

    /// The connection, for what is done before the first batch.
    pub(crate) fn live(&self) -> Result<&DatabaseConnection, Error> {
        self.live.as_ref().ok_or(Error::Closed)
    }

    /// Begins a batch, on a new connection if the last one broke: nothing was asked of it yet, so
    /// the caller need not know.
    pub(crate) async fn begin(&mut self) -> Result<DatabaseTransaction, Error> {
        if self.stopped {
            return Err(Error::Closed);
        }
        let begun = self.begin_until(Instant::now() + self.patience).await;
        self.patience = if begun.is_ok() { AWAY } else { BRIEF };
        begun
    }

    async fn begin_until(&mut self, until: Instant) -> Result<DatabaseTransaction, Error> {
        loop {
            if self.live.is_none() {
                self.come_back(until).await?;
            }
            match answered(self.live()?.begin()).await {
                Ok(txn) => return Ok(txn),
                Err(error) if Instant::now() >= until => {
                    self.discard();
                    return Err(Error::Commit(error));
                }
                Err(error) => {
                    tracing::warn!(%error, "the writing connection broke and is made anew");
                    self.discard();
                }
            }
        }
    }

    /// Writes the batch's mark; it fails where the transaction cannot be committed.
    pub(crate) async fn seal(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let sql = "UPDATE records_writer SET batch = $1 WHERE epoch = $2";
        let values = vec![self.batch.saturating_add(1).into(), self.epoch.into()];
        match timeout(ANSWER, rows::execute(txn, sql, values)).await {
            Ok(Ok(1)) => Ok(()),
            Ok(Ok(_)) => Err(Error::InUse),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Commit(fault::silent())),
        }
    }

    /// Commits a sealed batch. Where the answer is lost, it is looked for.
    ///
    /// # Errors
    /// [`Error::Commit`]: nothing of it was kept. [`Error::FateUnknown`]: that could not be learnt.
    pub(crate) async fn commit(&mut self, txn: DatabaseTransaction) -> Result<(), Error> {
        let next = self.batch.saturating_add(1);
        match answered(txn.commit()).await {
            Ok(()) => {
                self.batch = next;
                Ok(())
            }
            Err(error) if fault::is_refusal(&error) => Err(Error::Commit(error)),
            Err(error) => {
                tracing::warn!(%error, "the connection broke in a commit: its fate is looked for");
                self.discard();
                match self.come_back(Instant::now() + FATE).await {
                    Ok(()) if self.batch == next => Ok(()),
                    Ok(()) => Err(Error::Commit(error)),
                    Err(reason) => {
                        tracing::error!(%reason, "the fate of a batch was not learnt");
                        self.doubted = Some(next);
                        self.patience = BRIEF;
                        Err(Error::FateUnknown { seconds: FATE.as_secs() })
                    }
                }
            }
        }
    }

    /// Undoes a batch; where that gets no answer the connection is given up, and the server undoes
    /// it.
    pub(crate) async fn roll_back(&mut self, txn: DatabaseTransaction) -> Result<(), DbErr> {
        let undone = answered(txn.rollback()).await;
        if undone.as_ref().is_err_and(|error| !fault::is_refusal(error)) {
            self.discard();
        }
        undone
    }

    /// Gives up the connection. Its end is not waited for: the other side may be silent.
    fn discard(&mut self) {
        if let Some(live) = self.live.take() {
            tokio::spawn(async move { timeout(ANSWER, live.close_by_ref()).await });
        }
    }

    /// Closes the connection, and with it gives up the right.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        match self.live {
            Some(live) => live.close_by_ref().await,
            None => Ok(()),
        }
    }

    /// Connects again and reads the mark, which tells what became of the last batch.
    async fn come_back(&mut self, until: Instant) -> Result<(), Error> {
        let live = connect(&self.options, until).await?;
        let found = mark(&live, "SELECT epoch, batch FROM records_writer").await?;
        if found.epoch != self.epoch {
            return Err(Error::InUse);
        }
        if self.doubted == Some(found.batch) {
            tracing::error!("a batch of unknown fate was kept: start the program again");
            self.stopped = true;
            return Err(Error::Closed);
        }
        self.doubted = None;
        self.batch = found.batch;
        self.live = Some(live);
        Ok(())
    }
}

/// Connects to a server that may be on its way, until that moment.
async fn connect(options: &PgConnectOptions, until: Instant) -> Result<DatabaseConnection, Error> {
    loop {
        let error = match attempt(options, until).await {
            Ok(live) => return Ok(live),
            Err(error) => error,
        };
        if Instant::now() >= until {
            return Err(error);
        }
        sleep(PAUSE).await;
    }
}

/// One session that holds the lock. Should the pool ever replace it by itself, the new one takes
/// the lock likewise, and the seal of its first batch looks at the epoch.
async fn attempt(options: &PgConnectOptions, until: Instant) -> Result<DatabaseConnection, Error> {
    let held = Arc::new(AtomicBool::new(false));
    let by_another = Arc::clone(&held);
    let left = until.saturating_duration_since(Instant::now());
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(left.clamp(BRIEF, ANSWER))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let held = Arc::clone(&held);
            Box::pin(async move {
                while !take_right(connection, LOCK).await? {
                    held.store(true, Ordering::Relaxed);
                    if Instant::now() >= until {
                        return Err(sqlx::Error::PoolTimedOut);
                    }
                    sleep(PAUSE).await;
                }
                held.store(false, Ordering::Relaxed);
                Ok(())
            })
        })
        .connect_with(options.clone());
    match pool.await {
        Ok(pool) => Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)),
        Err(_) if by_another.load(Ordering::Relaxed) => Err(Error::InUse),
        Err(error) => Err(fault::of_connecting(error)),
    }
}

async fn mark(db: &impl ConnectionTrait, sql: &str) -> Result<Mark, Error> {
    let read =
        |row: &rows::Row<'_>| Ok(Mark { epoch: row.number("epoch")?, batch: row.number("batch")? });
    let found = rows::select(db, TABLE, sql, vec![], read).await?.pop();
    found.ok_or(Error::Corrupt { table: TABLE, reason: "its row is missing".to_owned() })
}

/// The server's answer, or that it was silent for too long.
pub(crate) async fn answered<T>(asked: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(fault::silent()))
}
