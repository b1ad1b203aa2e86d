//! The engine for more than one machine: a database of PostgreSQL 14 or newer.
//!
//! One session writes, as one connection does on SQLite; a pool of sessions reads and is refused
//! any write by the server. How the server is reached is crate `pg`, how the writer keeps its
//! right to write and learns a commit's fate `session`, SQL that must be put otherwise `dialect`.

pub(crate) mod dialect;
mod fault;
mod session;

use std::time::Duration;

use pg::Unfit;
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxPostgresConnector};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::Error;

pub(crate) use session::{Session, answered};

/// Connections that only read.
const READERS: u32 = 8;
/// How long a reader waits for a connection of the pool.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long a statement that reads may take; the server ends it then.
const READING: Duration = Duration::from_secs(30);
/// A connection that was idle for longer is tried before it is used: the server may have gone and
/// come back.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// Opens the pool that only reads: the server refuses any write through it.
pub(crate) async fn open_readers(options: &PgConnectOptions) -> Result<DatabaseConnection, Error> {
    let pool = PgPoolOptions::new()
        .max_connections(READERS)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(
                async move { Ok(meta.idle_for < TRUSTED_IDLE || connection.ping().await.is_ok()) },
            )
        })
        .connect_with(pg::with(options.clone(), true, READING))
        .await
        .map_err(fault::of_connecting)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Whether the server can keep what is promised here.
pub(crate) async fn examine(options: &PgConnectOptions, url: &str) -> Result<(), Error> {
    pg::examine(options, url).await.map_err(|unfit| match unfit {
        Unfit::Url(error) => error.into(),
        Unfit::Connection(error) => fault::of_connecting(error),
    })
}

/// Sets the guard of the audit log, which takes no change, in this engine's words.
pub(crate) async fn guard(session: &DatabaseConnection) -> Result<(), Error> {
    let guard = pg::append_only("records_audit", "records_audit", "the audit log");
    session.execute_unprepared(&guard).await?;
    Ok(())
}
