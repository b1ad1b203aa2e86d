//! Every question to the table. All lists are bounded pages.

use records::Error;
use records::rows::{Row, select};
use sea_orm::{ConnectionTrait, Value};
use types::{BusinessDate, OrderId, Timestamp};

use super::row::{COLUMNS, Entry, TABLE};
use crate::model::order::{Kind, Scope, Stage};
use crate::model::request::{Filter, Page};
use crate::model::view::HourCount;

/// The most rows of one page.
const MAX_PAGE: u64 = 500;

async fn entries(
    db: &impl ConnectionTrait,
    tail: &str,
    values: Vec<Value>,
) -> Result<Vec<Entry>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} {tail}");
    select(db, TABLE, &sql, values, Entry::read).await
}

fn limit(wanted: u64) -> Value {
    i64::try_from(wanted.clamp(1, MAX_PAGE)).unwrap_or(1).into()
}

/// One order.
pub async fn find(db: &impl ConnectionTrait, id: OrderId) -> Result<Option<Entry>, Error> {
    Ok(entries(db, "WHERE id = $1", vec![id.to_string().into()]).await?.pop())
}

/// The order that bears this key.
pub async fn find_by_key(
    db: &impl ConnectionTrait,
    scope: Scope,
    key: &str,
) -> Result<Option<Entry>, Error> {
    let values = vec![scope.to_string().into(), key.into()];
    Ok(entries(db, "WHERE scope = $1 AND order_key = $2", values).await?.pop())
}

/// A page of the orders that match, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<Vec<Entry>, Error> {
    let mut wheres: Vec<String> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |sql: &str, value: Value| {
        values.push(value);
        wheres.push(sql.replace('?', &format!("${}", values.len())));
    };
    if let Some(kind) = filter.kind {
        add("kind = ?", kind.word().into());
    }
    if let Some(stage) = filter.stage {
        add("stage = ?", stage.word().into());
    }
    if let Some(merchant) = filter.merchant {
        add("merchant = ?", merchant.to_string().into());
    }
    if let Some(merchant) = filter.placed_by {
        // A refund without a merchant is the house's own, though it bears the first order's scope.
        let sql = "scope = ? AND (kind <> 'refund' OR merchant IS NOT NULL)";
        add(sql, merchant.to_string().into());
    }
    if let Some(user) = filter.user {
        add("(payer = ? OR payee = ?)", user.to_string().into());
    }
    if let Some(channel) = &filter.channel {
        add("channel = ?", channel.clone().into());
    }
    if let Some(payment) = filter.refund_of {
        add("refund_of = ?", payment.to_string().into());
    }
    if let Some(key) = &filter.key {
        add("order_key = ?", key.clone().into());
    }
    if let Some(before) = page.before {
        add("id < ?", before.to_string().into());
    }
    let matching =
        if wheres.is_empty() { String::new() } else { format!("WHERE {}", wheres.join(" AND ")) };
    values.push(limit(page.limit));
    let tail = format!("{matching} ORDER BY id DESC LIMIT ${}", values.len());
    entries(db, &tail, values).await
}

/// A page of orders that are not final and due at `now`, oldest first, after (`created_at`, `id`).
pub async fn due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    after: Option<(Timestamp, OrderId)>,
    wanted: u64,
) -> Result<Vec<Entry>, Error> {
    let (at, id) =
        after.map_or((i64::MIN, String::new()), |(at, id)| (at.as_micros(), id.to_string()));
    let tail = "WHERE finished_at IS NULL AND next_at <= $1 \
                AND (created_at > $2 OR (created_at = $2 AND id > $3)) \
                ORDER BY created_at, id LIMIT $4";
    let values = vec![now.as_micros().into(), at.into(), id.into(), limit(wanted)];
    entries(db, tail, values).await
}

/// A page of the orders that were given up and are due to be looked at again, by id.
pub async fn watched(
    db: &impl ConnectionTrait,
    now: Timestamp,
    after: Option<OrderId>,
    wanted: u64,
) -> Result<Vec<Entry>, Error> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let tail = "WHERE finished_at IS NOT NULL AND next_at IS NOT NULL AND next_at <= $1 \
                AND id > $2 ORDER BY id LIMIT $3";
    entries(db, tail, vec![now.as_micros().into(), after.into(), limit(wanted)]).await
}

/// Orders that are not final and came in before `before`, oldest first.
pub async fn oldest_unfinished(
    db: &impl ConnectionTrait,
    before: Timestamp,
    wanted: u64,
) -> Result<Vec<Entry>, Error> {
    let tail = "WHERE finished_at IS NULL AND created_at < $1 ORDER BY created_at, id LIMIT $2";
    entries(db, tail, vec![before.as_micros().into(), limit(wanted)]).await
}

/// How many orders are not final.
pub async fn unfinished(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) AS n FROM payments_orders WHERE finished_at IS NULL";
    let counts = select(db, TABLE, sql, Vec::new(), |row| {
        u64::try_from(row.number("n")?).map_err(|e| row.corrupt("n", &e))
    });
    Ok(counts.await?.first().copied().unwrap_or_default())
}

/// How many orders are under way and wait for no person: the recovery loop finishes them.
pub async fn processing(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) AS n FROM payments_orders \
               WHERE finished_at IS NULL AND stage NOT IN ($1, $2)";
    let waiting = [Stage::AwaitingFactor, Stage::Review].map(|stage| stage.word().into());
    let counts = select(db, TABLE, sql, waiting.to_vec(), |row| {
        u64::try_from(row.number("n")?).map_err(|e| row.corrupt("n", &e))
    });
    Ok(counts.await?.first().copied().unwrap_or_default())
}

/// A page of the final orders of an accounting date, by id.
pub async fn day_page(
    db: &impl ConnectionTrait,
    date: BusinessDate,
    after: Option<OrderId>,
) -> Result<Vec<Entry>, Error> {
    let tail = "WHERE accounting_day = $1 AND id > $2 ORDER BY id LIMIT $3";
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let values = vec![i64::from(date.days()).into(), after.into(), limit(MAX_PAGE)];
    entries(db, tail, values).await
}

/// A page of all orders, by id.
pub async fn page_by_id(
    db: &impl ConnectionTrait,
    after: Option<OrderId>,
) -> Result<Vec<Entry>, Error> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    entries(db, "WHERE id > $1 ORDER BY id LIMIT $2", vec![after.into(), limit(MAX_PAGE)]).await
}

/// The orders that came in on a natural day, by hour, kind, stage and way.
pub async fn stats(db: &impl ConnectionTrait, date: BusinessDate) -> Result<Vec<HourCount>, Error> {
    let sql = "SELECT created_hour, kind, stage, channel IS NOT NULL AS by_channel, \
               COUNT(*) AS n, CAST(SUM(amount) AS BIGINT) AS total FROM payments_orders \
               WHERE created_day = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";
    select(db, TABLE, sql, vec![i64::from(date.days()).into()], cell).await
}

fn cell(row: &Row<'_>) -> Result<HourCount, Error> {
    let count = |column| u64::try_from(row.number(column)?).map_err(|e| row.corrupt(column, &e));
    Ok(HourCount {
        hour: u8::try_from(row.number("created_hour")?)
            .map_err(|e| row.corrupt("created_hour", &e))?,
        kind: row.word("kind", Kind::from_word)?,
        stage: row.word("stage", Stage::from_word)?,
        by_channel: row.truth("by_channel")? == Some(true),
        count: count("n")?,
        amount: row.amount("total")?,
    })
}
