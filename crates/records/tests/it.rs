//! Records against real SQLite files and a real PostgreSQL: the cases are compiled once for each
//! engine, and each engine has some of its own.
#![expect(clippy::duplicate_mod, reason = "the same cases, on either engine")]

#[path = "on/postgres.rs"]
mod postgres;
#[path = "cases/secrets.rs"]
mod secrets;
#[path = "on/sqlite.rs"]
mod sqlite;

use records::{Error, Migrations, Records};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};

/// One table of lines, and one that points at it.
const LINES: Migrations = Migrations {
    room: "lines",
    steps: &[(
        "0001_init",
        "CREATE TABLE line (id BIGINT PRIMARY KEY, body TEXT NOT NULL);
         CREATE TABLE note (id BIGINT PRIMARY KEY, line BIGINT NOT NULL REFERENCES line (id));",
    )],
};

async fn insert(txn: &DatabaseTransaction, id: i64) -> Result<(), Error> {
    let sql = "INSERT INTO line (id, body) VALUES ($1, 'body')";
    let line = Statement::from_sql_and_values(txn.get_database_backend(), sql, [id.into()]);
    txn.execute_raw(line).await?;
    Ok(())
}

/// A unit of one line.
async fn write(records: &Records, id: i64) -> Result<(), Error> {
    records.write(move |txn| Box::pin(insert(txn, id))).await
}

/// A unit of one statement.
async fn run(records: &Records, sql: &'static str) -> Result<(), Error> {
    records
        .write(move |txn| Box::pin(async move { Ok(txn.execute_unprepared(sql).await.map(drop)?) }))
        .await
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
