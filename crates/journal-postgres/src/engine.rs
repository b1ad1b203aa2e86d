//! The connections, and a small runtime of their own, so that whoever calls may wait on any thread.

use std::future::Future;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use journal::Error;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Connections that only read.
const READERS: u32 = 4;
/// How long a reader waits for one.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long a statement may take; the server ends it then.
const STATEMENT: Duration = Duration::from_mins(1);
/// After this long without an answer nobody waits for one: the server's machine may be gone.
pub(crate) const SILENCE: Duration = Duration::from_secs(70);

/// What home, writer and readers share.
pub(crate) struct Engine {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    pub writing: PgConnectOptions,
    pub readers: PgPool,
    /// Where the log is, as people may be shown it.
    pub name: String,
    pub kind: String,
}

impl Engine {
    /// Nothing is connected yet.
    pub(crate) fn new(
        options: PgConnectOptions,
        name: String,
        kind: String,
    ) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("journal-postgres")
            .enable_all()
            .build()
            .map_err(|source| Error::Database {
                action: "open",
                home: name.clone(),
                reason: source.to_string(),
            })?;
        // What a statement sees is what was committed when it began, whatever the server's default.
        let options = options.options([("default_transaction_isolation", "read committed")]);
        let reading = pg::with(options.clone(), true, STATEMENT);
        let within = runtime.enter();
        let readers = PgPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE)
            .max_lifetime(None)
            .connect_lazy_with(reading);
        drop(within);
        let writing = pg::with(options, false, STATEMENT);
        Ok(Self { runtime: Some(runtime), writing, readers, name, kind })
    }

    /// Begins to work; the answer is waited for with [`Engine::wait`].
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Receiver<T> {
        let (answer, asked) = sync_channel(1);
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move {
                // Whoever has gone away needs no answer.
                drop(answer.send(work.await));
            });
        }
        asked
    }

    /// The answer to what was asked.
    pub(crate) fn wait<T>(
        &self,
        action: &'static str,
        asked: &Receiver<Result<T, sqlx::Error>>,
    ) -> Result<T, Error> {
        match asked.recv() {
            Ok(answer) => answer.map_err(|error| self.failed(action, &error.to_string())),
            Err(_) => Err(self.failed(action, "its work was given up")),
        }
    }

    /// Asks and waits.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        action: &'static str,
        work: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let asked = self.ask(within(SILENCE, work));
        self.wait(action, &asked)
    }

    pub(crate) fn failed(&self, action: &'static str, reason: &str) -> Error {
        Error::Database { action, home: self.name.clone(), reason: reason.to_owned() }
    }

    pub(crate) fn corrupt(&self, place: journal::Place, reason: impl Into<String>) -> Error {
        let file = format!("{}/journal_batches/{:010}", self.name, place.segment).into();
        Error::Corrupt { file, offset: u64::from(place.offset), reason: reason.into() }
    }
}

/// The answer to what is asked of the server, or that it was silent for too long.
pub(crate) async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    timeout(time, work).await.map_err(silent)?
}

impl Drop for Engine {
    /// Nobody waits for connections to be closed in an orderly way: the last handle may be dropped
    /// on a thread that must not wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("name", &self.name).finish_non_exhaustive()
    }
}
