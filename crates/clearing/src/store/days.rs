//! Which days were cut and cleared.

use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::{BusinessDate, Timestamp};

/// A day that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// When its fees were worked out.
    pub cleared_at: Option<Timestamp>,
}

pub(crate) async fn put_day(
    db: &impl ConnectionTrait,
    date: BusinessDate,
    cut_at: Timestamp,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO clearing_day (date, cut_at) VALUES ($1, $2) ON CONFLICT (date) DO NOTHING";
    let values = vec![i64::from(date.days()).into(), cut_at.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

pub(crate) async fn find_day(
    db: &impl ConnectionTrait,
    date: BusinessDate,
) -> Result<Option<Day>, Error> {
    let sql = "SELECT cleared_at FROM clearing_day WHERE date = $1";
    let days = select(db, "clearing_day", sql, vec![i64::from(date.days()).into()], |row| {
        let cleared_at = row.optional::<i64>("cleared_at")?.map(Timestamp::from_micros);
        Ok(Day { cleared_at })
    });
    Ok(days.await?.pop())
}

pub(crate) async fn mark_cleared(
    db: &impl ConnectionTrait,
    date: BusinessDate,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE clearing_day SET cleared_at = $2 WHERE date = $1";
    execute(db, sql, vec![i64::from(date.days()).into(), now.as_micros().into()]).await.map(drop)
}
