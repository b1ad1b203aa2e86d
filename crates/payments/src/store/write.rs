//! Every change of the table. Each function runs inside the caller's unit.

use records::Error;
use records::rows::{execute, places};
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;
use types::{BusinessDate, OrderId, Timestamp};

use super::row::{COLUMNS, Entry, TABLE};
use crate::model::order::Stage;

fn json(column: &str, value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|e| Error::Corrupt { table: TABLE, reason: format!("{column}: {e}") })
}

fn text(value: Option<impl ToString>) -> Value {
    value.map(|v| v.to_string()).into()
}

fn moment(value: Option<Timestamp>) -> Value {
    value.map(Timestamp::as_micros).into()
}

fn day(value: Option<BusinessDate>) -> Value {
    value.map(|d| i64::from(d.days())).into()
}

fn truth(value: bool) -> Value {
    i64::from(value).into()
}

/// Writes a new order. A taken key is [`Error::is_unique_violation`].
pub async fn insert(db: &impl ConnectionTrait, entry: &Entry) -> Result<(), Error> {
    let order = &entry.order;
    let failure = order.failure.as_ref();
    let created = order.created_at.civil();
    let values: Vec<Value> = vec![
        order.id.to_string().into(),
        order.scope.to_string().into(),
        order.key.clone().into(),
        entry.fingerprint.clone().into(),
        order.kind.word().into(),
        order.stage.word().into(),
        text(order.payer),
        text(order.customer),
        text(order.merchant),
        text(order.payee),
        order.amount.signed().into(),
        i64::from(order.asset.0).into(),
        order.channel.clone().into(),
        order.channel_order_no.clone().into(),
        text(order.refund_of),
        order.refunded.signed().into(),
        order.subject.clone().into(),
        order.created_at.as_micros().into(),
        i64::from(order.created_at.date().days()).into(),
        i64::from(created.hour()).into(),
        moment(order.finished_at),
        day(order.date),
        truth(entry.sent),
        failure.map(|f| f.code.clone()).into(),
        failure.map(|f| f.reason.en.clone()).into(),
        failure.map(|f| f.reason.zh.clone()).into(),
        text(order.decision),
        i64::from(order.attempts).into(),
        moment(order.next_at),
        json("plan", &entry.plan)?.into(),
        json("trail", &entry.trail)?.into(),
    ];
    let row = places(1, values.len());
    execute(db, &format!("INSERT INTO {TABLE} ({COLUMNS}) VALUES {row}"), values).await?;
    Ok(())
}

/// Writes where an order stands that is not final. False if it is final already: then nothing is
/// written.
pub async fn save(db: &impl ConnectionTrait, entry: &Entry) -> Result<bool, Error> {
    let order = &entry.order;
    let failure = order.failure.as_ref();
    let values: Vec<Value> = vec![
        order.id.to_string().into(),
        order.stage.word().into(),
        order.channel_order_no.clone().into(),
        truth(entry.sent),
        failure.map(|f| f.code.clone()).into(),
        failure.map(|f| f.reason.en.clone()).into(),
        failure.map(|f| f.reason.zh.clone()).into(),
        i64::from(order.attempts).into(),
        moment(order.next_at),
        json("plan", &entry.plan)?.into(),
        json("trail", &entry.trail)?.into(),
    ];
    let sql = "UPDATE payments_orders SET stage = $2, channel_order_no = $3, sent = $4, \
               failure_code = $5, failure_en = $6, failure_zh = $7, attempts = $8, next_at = $9, \
               plan = $10, trail = $11 WHERE id = $1 AND finished_at IS NULL";
    Ok(execute(db, sql, values).await? == 1)
}

/// What became of finishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It is final by this very write: what must happen once may happen now.
    Now,
    /// It was final before; nothing was written.
    Before,
}

/// Writes the final state of an order, once.
pub async fn finish(db: &impl ConnectionTrait, entry: &Entry) -> Result<Finish, Error> {
    let order = &entry.order;
    let failure = order.failure.as_ref();
    let values: Vec<Value> = vec![
        order.id.to_string().into(),
        order.stage.word().into(),
        order.channel.clone().into(),
        order.channel_order_no.clone().into(),
        moment(order.finished_at),
        day(order.date),
        truth(entry.sent),
        failure.map(|f| f.code.clone()).into(),
        failure.map(|f| f.reason.en.clone()).into(),
        failure.map(|f| f.reason.zh.clone()).into(),
        i64::from(order.attempts).into(),
        moment(order.next_at),
        json("plan", &entry.plan)?.into(),
        json("trail", &entry.trail)?.into(),
    ];
    let sql = "UPDATE payments_orders SET stage = $2, channel = $3, channel_order_no = $4, \
               finished_at = $5, accounting_day = $6, sent = $7, failure_code = $8, \
               failure_en = $9, failure_zh = $10, attempts = $11, next_at = $12, plan = $13, \
               trail = $14 WHERE id = $1 AND finished_at IS NULL";
    if execute(db, sql, values).await? == 0 {
        return Ok(Finish::Before);
    }
    if order.stage == Stage::Failed
        && let Some(payment) = order.refund_of.filter(|_| !order.gives_back_late())
    {
        release_refund(db, payment, order.amount.signed()).await?;
    }
    Ok(Finish::Now)
}

/// Writes when an order that was given up is looked at again, and what became known.
pub async fn watch_on(db: &impl ConnectionTrait, entry: &Entry) -> Result<(), Error> {
    let order = &entry.order;
    let values: Vec<Value> = vec![
        order.id.to_string().into(),
        order.channel_order_no.clone().into(),
        moment(order.next_at),
        json("trail", &entry.trail)?.into(),
    ];
    let sql = "UPDATE payments_orders SET channel_order_no = $2, next_at = $3, trail = $4 \
               WHERE id = $1 AND finished_at IS NOT NULL";
    execute(db, sql, values).await?;
    Ok(())
}

/// Sets `amount` of a payment aside for a refund; false if that is more than is left of it. Units
/// run one after another, so no two refunds share what is left.
pub async fn reserve_refund(
    db: &impl ConnectionTrait,
    payment: OrderId,
    amount: i64,
) -> Result<bool, Error> {
    let sql = "UPDATE payments_orders SET refunded = refunded + $2 \
               WHERE id = $1 AND stage = 'succeeded' AND refunded + $2 <= amount";
    let values = vec![payment.to_string().into(), amount.into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Gives back what a failed refund had set aside.
async fn release_refund(
    db: &impl ConnectionTrait,
    payment: OrderId,
    amount: i64,
) -> Result<(), Error> {
    let sql = "UPDATE payments_orders SET refunded = refunded - $2 WHERE id = $1";
    let values = vec![payment.to_string().into(), amount.into()];
    execute(db, sql, values).await?;
    Ok(())
}
