//! The door: open, read, write.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::address::{self, Engine};
use crate::unit::Typed;
use crate::writer::{self, Message};
use crate::writing::Writing;
use crate::{Error, Migrations, UnitFuture, migrations, postgres, sqlite};

/// How long a caller waits for room in the queue before it is turned away.
const QUEUE_WAIT: Duration = Duration::from_secs(5);

/// The records of one institution. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Records {
    readers: Arc<DatabaseConnection>,
    queue: mpsc::Sender<Message>,
}

impl Records {
    /// Opens the records at `url` (`sqlite:path/to/records.db`, made if missing, or
    /// `postgres://user@host/database`) and applies what `migrations` they lack: all of them or
    /// none.
    ///
    /// # Errors
    /// [`Error::Url`] for another engine, an in-memory database, or a server that cannot keep what
    /// is promised here; [`Error::InUse`] while another process has a database of PostgreSQL open;
    /// [`Error::Migration`] when the database and the program do not fit together;
    /// [`Error::Database`] from the engine.
    pub async fn open(url: &str, migrations: &[Migrations]) -> Result<Self, Error> {
        let engine = address::engine(url)?;
        let mut writer = Writing::open(url, &engine).await?;
        migrations::apply(&mut writer, migrations).await?;
        writer.guard().await?;
        let readers = match &engine {
            Engine::Sqlite(file) => sqlite::open_readers(url, file).await?,
            Engine::Postgres(options) => postgres::open_readers(options).await?,
        };
        Ok(Self { readers: Arc::new(readers), queue: writer::start(writer) })
    }

    /// The pool of read-only connections: a write through it fails. It sees what is committed.
    pub fn db(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Runs `unit` inside a transaction and returns its result once that is durable on disk.
    ///
    /// Many callers' units share one transaction, each under a savepoint of its own: an error
    /// undoes only the unit that returned it. The unit should do nothing but talk to the database
    /// it is given: all other writers wait for it. It ends with the first error of the database;
    /// PostgreSQL keeps nothing of a unit that went on after one. If the caller goes away before its unit began,
    /// the unit is skipped; after that it may still be committed.
    ///
    /// Write the closure where it is handed over: bound to a name first, its lifetimes do not fit.
    ///
    /// ```no_run
    /// # use records::{Error, Records}; use sea_orm::ConnectionTrait;
    /// # async fn example(records: Records) -> Result<(), Error> {
    /// let rows = records
    ///     .write(|txn| {
    ///         Box::pin(async move {
    ///             let done = txn.execute_unprepared("UPDATE line SET body = ''").await?;
    ///             Ok::<_, Error>(done.rows_affected())
    ///         })
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The unit's own error; or, as `E`, [`Error::Commit`] (nothing was kept: the same unit may be
    /// tried again), [`Error::FateUnknown`] (kept or not: only what is safe to do twice may be
    /// tried again), [`Error::InUse`], [`Error::Overloaded`], [`Error::UnitTooSlow`], [`Error::UnitPanicked`], [`Error::Closed`].
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> UnitFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Unit(Box::new(Typed { unit, reply }))).await?;
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
    }

    /// Finishes what is queued and closes every connection.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.send(Message::Close(done)).await.is_ok() {
            // An error only says that the writer has already gone.
            let _ = closed.await;
        }
        if let Err(error) = self.readers.close_by_ref().await {
            tracing::warn!(%error, "the reading connections did not close cleanly");
        }
    }

    async fn send(&self, message: Message) -> Result<(), Error> {
        let message = match self.queue.try_send(message) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Error::Closed),
            Err(mpsc::error::TrySendError::Full(message)) => message,
        };
        match tokio::time::timeout(QUEUE_WAIT, self.queue.send(message)).await {
            Ok(sent) => sent.map_err(|_| Error::Closed),
            Err(_) => Err(Error::Overloaded),
        }
    }
}
