//! The engine for more than one machine: a database of PostgreSQL 14 or newer.
//!
//! One session writes, as one connection does on SQLite; a pool of sessions reads and is refused
//! any write by the server. What a session is set to is in `options`, how the writer keeps its
//! right to write and learns a commit's fate in `session`, SQL that must be put otherwise in
//! `dialect`.

pub(crate) mod dialect;
mod fault;
pub(crate) mod options;
mod session;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::{Error, rows};

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
/// The oldest server: `CREATE OR REPLACE TRIGGER` came with it.
const OLDEST: i64 = 140_000;

/// What the audit log needs from this engine: it takes no change.
const GUARDS: &str = "
CREATE OR REPLACE FUNCTION records_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE OR REPLACE TRIGGER records_audit_no_change BEFORE UPDATE OR DELETE ON records_audit
FOR EACH ROW EXECUTE FUNCTION records_audit_refuse();
CREATE OR REPLACE TRIGGER records_audit_no_truncate BEFORE TRUNCATE ON records_audit
FOR EACH STATEMENT EXECUTE FUNCTION records_audit_refuse();
";

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
        .connect_with(options::with(options.clone(), true, READING))
        .await
        .map_err(fault::of_connecting)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Connects once, so that a wrong name or password is said at once and in the server's words; then
/// looks whether the server can keep what is promised here.
pub(crate) async fn examine(options: &PgConnectOptions, url: &str) -> Result<(), Error> {
    options.connect().await.map_err(fault::of_connecting)?.close().await.ok();
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await;
    let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.map_err(fault::of_connecting)?);
    let sql = "SELECT CAST(current_setting('server_version_num') AS BIGINT) AS version, \
        current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, \
        COALESCE(current_schema(), '') AS home, \
        CASE WHEN pg_is_in_recovery() THEN 'yes' ELSE 'no' END AS standby";
    let read = |row: &rows::Row<'_>| {
        let text = |column| row.text(column);
        Ok((
            row.number("version")?,
            [text("encoding")?, text("fsync")?, text("home")?, text("standby")?],
        ))
    };
    let found = rows::select(&db, "pg_settings", sql, vec![], read).await?.pop();
    db.close_by_ref().await?;
    let (version, [encoding, fsync, home, standby]) = found.ok_or(Error::Closed)?;
    let refuse = |reason| Err(Error::Url { url: crate::address::without_password(url), reason });
    if fsync != "on" {
        tracing::warn!("the server runs with fsync off: what is acknowledged can be lost");
    }
    match () {
        () if version < OLDEST => refuse("the server is older than PostgreSQL 14"),
        () if encoding != "UTF8" => refuse("the database is not encoded in UTF-8"),
        () if home.is_empty() => refuse("the search path names no schema that is there"),
        () if standby == "yes" => refuse("the server is a standby and takes no writes"),
        () => Ok(()),
    }
}

/// Sets the guards in this engine's words.
pub(crate) async fn guard(session: &DatabaseConnection) -> Result<(), Error> {
    session.execute_unprepared(GUARDS).await?;
    Ok(())
}
