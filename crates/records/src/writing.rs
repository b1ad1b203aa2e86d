//! The connection that writes, whichever engine it belongs to.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr};

use crate::address::Engine;
use crate::postgres::{self, Session};
use crate::{Error, sqlite};

/// The one connection through which an institution's records change.
pub(crate) enum Writing {
    /// It ends with the process.
    Sqlite(DatabaseConnection),
    /// It may break, and comes back.
    Postgres(Box<Session>),
}

impl Writing {
    /// Takes the right to write.
    pub(crate) async fn open(url: &str, engine: &Engine) -> Result<Self, Error> {
        Ok(match engine {
            Engine::Sqlite(file) => Self::Sqlite(sqlite::open_writer(url, file).await?),
            Engine::Postgres(options) => {
                postgres::examine(options, url).await?;
                Self::Postgres(Box::new(Session::open(options).await?))
            }
        })
    }

    /// Sets what the rooms' migrations cannot say for every engine.
    pub(crate) async fn guard(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => sqlite::guard(writer).await,
            Self::Postgres(session) => postgres::guard(session.live()?).await,
        }
    }

    /// How many units one transaction takes. On PostgreSQL each is a subtransaction, and with more
    /// than 64 of them every reader's snapshot must look them up on disk.
    pub(crate) const fn batch(&self) -> usize {
        match self {
            Self::Sqlite(_) => 256,
            Self::Postgres(_) => 64,
        }
    }

    /// Begins a transaction that holds the right to write from the start.
    pub(crate) async fn begin(&mut self) -> Result<DatabaseTransaction, Error> {
        match self {
            Self::Sqlite(writer) => sqlite::immediate(writer).await.map_err(Error::Commit),
            Self::Postgres(session) => session.begin().await,
        }
    }

    /// What must stand at the end of a transaction before it is committed; it fails where a unit
    /// went on after an error of the database.
    pub(crate) async fn seal(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.seal(txn).await,
        }
    }

    /// Commits a sealed transaction; durable when it returns.
    pub(crate) async fn commit(&mut self, txn: DatabaseTransaction) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => txn.commit().await.map_err(Error::Commit),
            Self::Postgres(session) => session.commit(txn).await,
        }
    }

    /// Undoes a transaction. The engine may have ended it already, or lost the connection.
    pub(crate) async fn roll_back(&mut self, txn: DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(_) => txn.rollback().await,
            Self::Postgres(session) => session.roll_back(txn).await,
        }
    }

    /// Sets or ends a savepoint.
    pub(crate) async fn mark(&self, txn: &DatabaseTransaction, sql: &str) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(_) => txn.execute_unprepared(sql).await.map(drop),
            Self::Postgres(_) => postgres::answered(txn.execute_unprepared(sql)).await.map(drop),
        }
    }

    /// Lets a transaction take the time that a migration of a large table needs.
    pub(crate) async fn unhurried(&self, txn: &DatabaseTransaction) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => {
                txn.execute_unprepared("SET LOCAL statement_timeout = 0").await.map(drop)
            }
        }
    }

    /// A migration in the words of this engine.
    pub(crate) fn words<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match self {
            Self::Sqlite(_) => Cow::Borrowed(sql),
            Self::Postgres(_) => Cow::Owned(postgres::dialect::translate(sql)),
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Sqlite(writer) => writer.close_by_ref().await,
            Self::Postgres(session) => session.close().await,
        }
    }
}
