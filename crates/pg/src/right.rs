//! The right to write: an advisory lock that lasts as long as the session.

use sqlx::Executor as _;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgSeverity};

/// Asks for the lock of this number within the session's schema; whether it was given. Sees to it
/// that a commit is on the disk when it is answered, whatever the server's setting is; one that
/// promises more than the disk (a standby) is left alone.
///
/// # Errors
/// The driver's.
pub async fn take_right(connection: &mut PgConnection, lock: i32) -> Result<bool, sqlx::Error> {
    let durable = "SELECT set_config('synchronous_commit', \
        CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' \
        ELSE current_setting('synchronous_commit') END, false)";
    connection.execute(durable).await?;
    let sql = "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))";
    sqlx::query_scalar(sql).bind(lock).fetch_one(connection).await
}

/// Whether the server answered with an error, and so did nothing, on a connection that lives on.
/// Everything else (a broken or silent connection, a server that is going down) leaves open what
/// became of the statement.
pub fn is_refusal(error: &sqlx::Error) -> bool {
    let answer = error.as_database_error();
    let answer = answer.and_then(|e| e.try_downcast_ref::<PgDatabaseError>());
    answer.is_some_and(|e| e.severity() == PgSeverity::Error)
}
