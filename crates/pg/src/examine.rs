//! Whether a server can keep what is promised of it.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::UrlError;

/// The oldest server: `CREATE OR REPLACE TRIGGER` came with it.
const OLDEST: i64 = 140_000;

/// Why a database is not used.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The server cannot keep what is promised.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// It could not be asked.
    #[error(transparent)]
    Connection(#[from] sqlx::Error),
}

/// Connects once, so that a wrong name or password is said at once and in the server's words; then
/// looks whether the server can keep what is promised here.
///
/// # Errors
/// [`Unfit`].
pub async fn examine(options: &PgConnectOptions, url: &str) -> Result<(), Unfit> {
    let mut connection = options.connect().await?;
    let sql = "SELECT CAST(current_setting('server_version_num') AS BIGINT), \
        current_setting('server_encoding'), current_setting('fsync'), \
        COALESCE(current_schema(), ''), pg_is_in_recovery()";
    let found = sqlx::query_as(sql).fetch_one(&mut connection).await?;
    connection.close().await.ok();
    let (version, encoding, fsync, home, standby): (i64, String, String, String, bool) = found;
    let refuse = |reason| Err(UrlError::new(url, reason).into());
    if fsync != "on" {
        tracing::warn!("the server runs with fsync off: what is acknowledged can be lost");
    }
    match () {
        () if version < OLDEST => refuse("the server is older than PostgreSQL 14"),
        () if encoding != "UTF8" => refuse("the database is not encoded in UTF-8"),
        () if home.is_empty() => refuse("the search path names no schema that is there"),
        () if standby => refuse("the server is a standby and takes no writes"),
        () => Ok(()),
    }
}
