//! The door: open, read, write.

use sea_orm::{DatabaseConnection, DatabaseTransaction};

use crate::{Error, Migrations, UnitFuture};

/// The records of one institution. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Records {
    readers: DatabaseConnection,
}

impl Records {
    /// Opens (creating it if missing) the database at `url` (`sqlite://path/to/records.db`) and
    /// applies what `migrations` it lacks: all of them or none.
    ///
    /// # Errors
    /// [`Error::Url`] for another engine or an in-memory database, [`Error::Migration`] when the
    /// database and the program do not fit together, [`Error::Database`] from the engine.
    pub async fn open(_url: &str, _migrations: &[Migrations]) -> Result<Self, Error> {
        unimplemented!()
    }

    /// The pool of read-only connections: a write through it fails. It sees what is committed.
    pub fn db(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Runs `unit` inside a transaction and returns its result once that is durable on disk.
    ///
    /// Many callers' units share one transaction, each under a savepoint of its own: an error
    /// undoes only the unit that returned it. The unit should do nothing but talk to the database
    /// it is given: all other writers wait for it. If the caller goes away before its unit began,
    /// the unit is skipped; after that it may still be committed.
    ///
    /// ```ignore
    /// records.write(|txn| Box::pin(async move { row.insert(txn).await?; Ok::<_, Error>(()) })).await
    /// ```
    ///
    /// # Errors
    /// The unit's own error; or, as `E`, [`Error::Commit`] (nothing was kept),
    /// [`Error::Overloaded`], [`Error::UnitTooSlow`], [`Error::UnitPanicked`], [`Error::Closed`].
    pub async fn write<T, E, F>(&self, _unit: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> UnitFuture<'t, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        unimplemented!()
    }

    /// Finishes what is queued and closes every connection.
    pub async fn close(&self) {
        unimplemented!()
    }
}
