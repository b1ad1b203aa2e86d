//! Rows of checks: what each provider said, sealed, with its price.

use crate::model::level::Level;
use crate::model::plan::Standing;
use records::Error;
use records::rows::{execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{Timestamp, UserId};

const TABLE: &str = "member_check";

/// A check to be stored. `matched` is `None` for a call that was not answered; such a call has a
/// number of its own.
#[derive(Debug, Clone)]
pub(crate) struct CheckRow {
    pub(crate) request_no: String,
    pub(crate) user: UserId,
    pub(crate) identity: [u8; 32],
    pub(crate) channel: String,
    pub(crate) independent: bool,
    pub(crate) level: Level,
    pub(crate) provider: String,
    pub(crate) price: i64,
    pub(crate) matched: Option<bool>,
    pub(crate) evidence: Vec<u8>,
    pub(crate) at: Timestamp,
}

/// Stores checks. A check asked again has its number again: the later answer stands, charged once.
pub(crate) async fn insert(db: &impl ConnectionTrait, rows: Vec<CheckRow>) -> Result<(), Error> {
    let sql = "INSERT INTO member_check \
        (request_no, user_id, identity, channel, provider, price, matched, evidence, at, \
        independent, level) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (provider, request_no) \
        DO UPDATE SET price = $6, matched = $7, evidence = $8, at = $9, independent = $10, level = $11";
    for row in rows {
        let values = vec![
            row.request_no.into(),
            row.user.to_string().into(),
            row.identity.to_vec().into(),
            row.channel.into(),
            row.provider.into(),
            row.price.into(),
            row.matched.map(i64::from).into(),
            row.evidence.into(),
            row.at.as_micros().into(),
            i64::from(row.independent).into(),
            i64::from(row.level.number()).into(),
        ];
        execute(db, sql, values).await?;
    }
    Ok(())
}

/// What has been proved of an identity since a moment; by one user's checks, or by all.
pub(crate) async fn standing(
    db: &impl ConnectionTrait,
    identity: &[u8],
    user: Option<UserId>,
    since: Timestamp,
) -> Result<Standing, Error> {
    let mut sql = "SELECT DISTINCT channel, independent, level FROM member_check \
        WHERE identity = $1 AND matched = 1 AND at >= $2"
        .to_owned();
    let mut values: Vec<Value> = vec![identity.to_vec().into(), since.as_micros().into()];
    if let Some(user) = user {
        sql.push_str(" AND user_id = $3");
        values.push(user.to_string().into());
    }
    let proved = select(db, TABLE, &sql, values, |row| {
        let level = Level::from_number(row.number("level")?);
        let level = level.ok_or_else(|| row.corrupt("level", &"no level"))?;
        Ok((row.text("channel")?, row.number("independent")? != 0, level))
    });
    let mut standing = Standing::default();
    for (channel, independent, level) in proved.await? {
        standing.add(&channel, independent, level);
    }
    Ok(standing)
}

/// Calls that were answered or cost something, and their fen, between two moments by provider.
pub(crate) async fn cost(
    db: &impl ConnectionTrait,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(String, u64, u64)>, Error> {
    let sql = "SELECT provider, COUNT(*) AS calls, CAST(SUM(price) AS BIGINT) AS fen FROM member_check \
        WHERE at >= $1 AND at < $2 AND (matched IS NOT NULL OR price > 0) \
        GROUP BY provider ORDER BY provider";
    let values = vec![from.as_micros().into(), until.as_micros().into()];
    select(db, TABLE, sql, values, |row| {
        let positive = |column| row.number(column).map(i64::unsigned_abs);
        Ok((row.text("provider")?, positive("calls")?, positive("fen")?))
    })
    .await
}

/// One check as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) provider: String,
    pub(crate) channel: String,
    pub(crate) price: u64,
    pub(crate) matched: Option<bool>,
    pub(crate) at: Timestamp,
}

/// The newest thousand checks of an identity, newest first.
pub(crate) async fn of_identity(
    db: &impl ConnectionTrait,
    identity: &[u8],
) -> Result<Vec<Made>, Error> {
    let sql = "SELECT provider, channel, price, matched, at FROM member_check \
        WHERE identity = $1 ORDER BY at DESC, request_no LIMIT 1000";
    select(db, TABLE, sql, vec![identity.to_vec().into()], |row| {
        let matched: Option<i64> = row.optional("matched")?;
        Ok(Made {
            provider: row.text("provider")?,
            channel: row.text("channel")?,
            price: row.number("price")?.unsigned_abs(),
            matched: matched.map(|n| n != 0),
            at: row.moment("at")?,
        })
    })
    .await
}

/// The same by day (days since 1970-01-01 in Shanghai) and provider, between two moments.
pub(crate) async fn cost_by_day(
    db: &impl ConnectionTrait,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(i32, String, u64, u64)>, Error> {
    // Eight hours ahead of UTC, in microseconds; a day in microseconds.
    let sql = "SELECT (at + 28800000000) / 86400000000 AS day, provider, COUNT(*) AS calls, \
        CAST(SUM(price) AS BIGINT) AS fen FROM member_check WHERE at >= $1 AND at < $2 \
        AND (matched IS NOT NULL OR price > 0) GROUP BY day, provider ORDER BY day, provider";
    let values = vec![from.as_micros().into(), until.as_micros().into()];
    select(db, TABLE, sql, values, |row| {
        let positive = |column| row.number(column).map(i64::unsigned_abs);
        let day = i32::try_from(row.number("day")?).map_err(|e| row.corrupt("at", &e))?;
        Ok((day, row.text("provider")?, positive("calls")?, positive("fen")?))
    })
    .await
}
