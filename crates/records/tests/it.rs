//! Records against real SQLite files.

#[path = "cases/audit.rs"]
mod audit;
#[path = "cases/group_commit.rs"]
mod group_commit;
#[path = "cases/migrations.rs"]
mod migrations;
#[path = "cases/outbox.rs"]
mod outbox;
#[path = "cases/secrets.rs"]
mod secrets;

use records::{Error, Migrations, Records};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use tempfile::TempDir;

/// One table of lines, and one that points at it.
const LINES: Migrations = Migrations {
    room: "lines",
    steps: &[(
        "0001_init",
        "CREATE TABLE line (id BIGINT PRIMARY KEY, body TEXT NOT NULL);
         CREATE TABLE note (id BIGINT PRIMARY KEY, line BIGINT NOT NULL REFERENCES line (id));",
    )],
};

/// The URL of the one database in `dir`.
fn url(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("records.db").display())
}

/// Fresh records in a directory of their own, which lives as long as the first part.
async fn fresh() -> (TempDir, Records) {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[LINES]).await.expect("opens");
    (dir, records)
}

async fn insert(txn: &DatabaseTransaction, id: i64) -> Result<(), Error> {
    let sql = "INSERT INTO line (id, body) VALUES ($1, 'body')";
    let line = Statement::from_sql_and_values(txn.get_database_backend(), sql, [id.into()]);
    txn.execute_raw(line).await?;
    Ok(())
}

/// The ids in the table, ascending.
async fn ids(records: &Records) -> Vec<i64> {
    numbers(records, "SELECT id AS n FROM line ORDER BY id").await
}

async fn numbers(records: &Records, sql: &str) -> Vec<i64> {
    let query = Statement::from_string(records.db().get_database_backend(), sql);
    let rows = records.db().query_all_raw(query).await.expect("reads");
    rows.iter().map(|row| row.try_get("", "n").expect("a number")).collect()
}
