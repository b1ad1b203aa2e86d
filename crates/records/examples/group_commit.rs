//! Measures small units a second:
//! `cargo run --release -p records --example group_commit [tasks] [seconds] [url]`, on a SQLite file
//! of its own unless an empty database is named.
//!
//! Each task writes one row a unit and waits for the acknowledgement, as a payment does.

use std::time::{Duration, Instant};

use records::{Error, Migrations, Records};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

const TABLE: Migrations = Migrations {
    room: "example",
    steps: &[("0001_init", "CREATE TABLE line (id BIGINT PRIMARY KEY, body TEXT NOT NULL)")],
};

async fn insert(txn: &DatabaseTransaction, id: i64) -> Result<(), Error> {
    let sql = "INSERT INTO line (id, body) VALUES ($1, $2)";
    let values = [id.into(), "a short line of an order's history".into()];
    let line = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    txn.execute_raw(line).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let tasks: i64 = arguments.next().map_or(Ok(64), |a| a.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(5), |a| a.parse())?;
    let dir = tempfile::tempdir()?;
    let own = format!("sqlite://{}", dir.path().join("records.db").display());
    let url = arguments.next().unwrap_or(own);
    let records = Records::open(&url, &[TABLE]).await?;

    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let mut running = Vec::new();
    for task in 0..tasks {
        let records = records.clone();
        running.push(tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            let mut id = task << 32;
            while Instant::now() < until {
                let asked = Instant::now();
                records.write(move |txn| Box::pin(insert(txn, id))).await?;
                slowest = slowest.max(asked.elapsed());
                id += 1;
            }
            Ok::<_, Error>(slowest)
        }));
    }
    let mut slowest = Duration::ZERO;
    for task in running {
        slowest = slowest.max(task.await??);
    }
    let took = begun.elapsed();
    let count = Statement::from_string(
        records.db().get_database_backend(),
        "SELECT COUNT(*) AS n FROM line",
    );
    let row = records.db().query_one_raw(count).await?.ok_or(DbErr::RecordNotFound("n".into()))?;
    let units: i64 = row.try_get("", "n")?;
    records.close().await;
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    let rate = units as f64 / took.as_secs_f64();
    #[expect(clippy::print_stdout, reason = "the figure is what the example is for")]
    {
        println!(
            "{tasks} tasks: {units} units in {took:.2?} = {rate:.0} a second, slowest {slowest:.1?}"
        );
    }
    Ok(())
}
