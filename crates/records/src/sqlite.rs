//! The embedded engine: one SQLite file, one connection that writes, a few that only read.
//!
//! WAL lets readers go on while the writer commits; `synchronous=FULL` makes every commit wait
//! for the disk. The file is made with mode 0600 and SQLite gives its companions the same.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::Error;
use pg::without_password;

/// Connections that only read.
const READERS: u32 = 4;
/// Prepared statements a connection keeps.
const STATEMENTS: usize = 512;
/// How long a connection waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long a reader waits for a connection of the pool.
const ACQUIRE: Duration = Duration::from_secs(5);

/// What SQL of the rooms' migrations cannot say portably: the audit log takes no change.
const GUARDS: &str = "
CREATE TRIGGER IF NOT EXISTS records_audit_no_update BEFORE UPDATE ON records_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS records_audit_no_delete BEFORE DELETE ON records_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
";

/// The file that `url` names.
///
/// # Errors
/// [`Error::Url`] for another engine, for a database in memory (its connections would not share
/// it) and for parameters.
pub(crate) fn file_of(url: &str) -> Result<PathBuf, Error> {
    let refuse = |reason| Err(Error::Url { url: without_password(url), reason });
    let Some(rest) = url.strip_prefix("sqlite:") else {
        return refuse("it is neither sqlite:path/to/file.db nor postgres://user@host/database");
    };
    let path = rest.strip_prefix("//").unwrap_or(rest);
    match path {
        "" => refuse("it names no file"),
        _ if path.contains(":memory:") => refuse("records in memory would be lost: name a file"),
        _ if path.contains('?') => refuse("it takes no parameters"),
        _ => Ok(PathBuf::from(path)),
    }
}

/// Opens the one connection that writes, making the file if it is missing.
pub(crate) async fn open_writer(url: &str, file: &Path) -> Result<DatabaseConnection, Error> {
    create(file).map_err(|_| Error::Url {
        url: url.to_owned(),
        reason: "the file cannot be made or opened for writing",
    })?;
    let file = file.to_owned();
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1).test_before_acquire(false);
    never_retire(&mut options);
    options.map_sqlx_sqlite_opts(move |o| {
        common(o, &file).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
    });
    Ok(Database::connect(options).await?)
}

/// Opens the pool that only reads: `query_only` makes SQLite refuse any write through it.
pub(crate) async fn open_readers(url: &str, file: &Path) -> Result<DatabaseConnection, Error> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new(url);
    options.max_connections(READERS).min_connections(1).test_before_acquire(false);
    never_retire(&mut options);
    options.map_sqlx_sqlite_opts(move |o| common(o, &file).pragma("query_only", "ON"));
    Ok(Database::connect(options).await?)
}

/// Begins a transaction that holds the right to write from the start: one that began by reading
/// could be refused it later.
pub(crate) async fn immediate(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
    writer.begin_with_options(options).await
}

/// Sets the guards that only this engine has.
pub(crate) async fn guard(writer: &DatabaseConnection) -> Result<(), Error> {
    writer.execute_unprepared(GUARDS).await?;
    Ok(())
}

fn common(options: SqliteConnectOptions, file: &Path) -> SqliteConnectOptions {
    // The path is set as it is: in a URL a '%' or '#' would be read as something else.
    options
        .filename(file)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
}

/// A file does not tire: reopening would only throw the prepared statements away.
fn never_retire(options: &mut ConnectOptions) {
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.acquire_timeout(ACQUIRE).sqlx_logging(false);
}

fn create(file: &Path) -> std::io::Result<()> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_taken() {
        for (url, file) in [
            ("sqlite:///var/lib/h/records.db", Some("/var/lib/h/records.db")),
            ("sqlite://data/records.db", Some("data/records.db")),
            ("sqlite:data/records.db", Some("data/records.db")),
            ("sqlite://", None),
            ("sqlite::memory:", None),
            ("sqlite://:memory:", None),
            ("sqlite://a.db?mode=ro", None),
            ("postgres://u:secret@host/db", None),
            ("", None),
        ] {
            assert_eq!(file_of(url).ok(), file.map(PathBuf::from), "{url}");
        }
    }
}
