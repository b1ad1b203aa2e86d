//! Messages to outsiders, written in the unit that causes them and delivered afterwards.
//!
//! A message is sent until the receiver takes it, for about three days; the receiver tells
//! repeats by [`StoredMessage::id`]. Messages of one key to one destination go in order: a later
//! one waits until the earlier one was delivered or given up. Nothing is ever removed, so that
//! any message can be replayed.

use sea_orm::{ConnectionTrait, Value};
use types::Timestamp;

use crate::rows::{self, Row};
use crate::{Error, Records};

/// Seconds a claimed message is its taker's.
pub const LEASE_SECONDS: i64 = 60;

/// Seconds from a failed attempt to the next: eleven attempts in about three days.
pub const BACK_OFF_SECONDS: [i64; 10] =
    [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 64_800, 86_400];

/// Characters of a failure's reason that are kept.
const REASON_LENGTH: usize = 500;

const TABLE: &str = "records_outbox";

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxMessage {
    /// What it tells: `order.succeeded`.
    pub topic: String,
    /// What it is about (an order id): messages of one key to one destination arrive in order.
    pub key: String,
    /// Where it goes: a URL, or a name the sender resolves.
    pub destination: String,
    /// Its body.
    pub payload: serde_json::Value,
    /// When it was caused.
    pub now: Timestamp,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// It is to be sent.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// Every attempt failed; a person may replay it.
    Exhausted,
}

impl MessageState {
    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Exhausted].into_iter().find(|s| s.name() == name)
    }
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Position in the outbox, from 1.
    pub seq: i64,
    /// What it tells.
    pub topic: String,
    /// What it is about.
    pub key: String,
    /// Where it goes.
    pub destination: String,
    /// The exact text of its body: what is signed is what is sent.
    pub payload: String,
    /// When it was caused.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: MessageState,
    /// Attempts begun.
    pub attempts: u32,
    /// Not to be sent before.
    pub next_at: Timestamp,
    /// When the receiver took it.
    pub delivered_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

impl StoredMessage {
    /// The id the receiver tells repeats by: `msg_` and its position.
    pub fn id(&self) -> String {
        format!("msg_{:012}", self.seq)
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            seq: row.number("seq")?,
            topic: row.text("topic")?,
            key: row.text("order_key")?,
            destination: row.text("destination")?,
            payload: row.text("payload")?,
            created_at: row.moment("created_at")?,
            state: row.word("state", MessageState::from_name)?,
            attempts: u32::try_from(row.number("attempts")?)
                .map_err(|e| row.corrupt("attempts", &e))?,
            next_at: row.moment("next_at")?,
            delivered_at: row.optional("delivered_at")?.map(Timestamp::from_micros),
            last_error: row.optional("last_error")?,
        })
    }
}

/// Writes a message in the caller's unit, and returns its position.
pub async fn enqueue(txn: &impl ConnectionTrait, message: OutboxMessage) -> Result<i64, Error> {
    // One writer: no other unit can take the same position.
    let sql = "SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM records_outbox";
    let next = rows::select(txn, TABLE, sql, vec![], |row| row.number("seq")).await?;
    let seq = next.first().copied().unwrap_or(1);
    let sql = "INSERT INTO records_outbox \
        (seq, topic, order_key, destination, payload, created_at, state, attempts, next_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $6)";
    let values = vec![
        seq.into(),
        message.topic.into(),
        message.key.into(),
        message.destination.into(),
        message.payload.to_string().into(),
        message.now.as_micros().into(),
    ];
    rows::execute(txn, sql, values).await?;
    Ok(seq)
}

/// The messages that may be sent at `$1`: the first waiting one of each key and destination.
const DUE: &str = "SELECT m.* FROM records_outbox m WHERE m.state = 'waiting' AND m.next_at <= $1 \
    AND NOT EXISTS (SELECT 1 FROM records_outbox e WHERE e.state = 'waiting' \
        AND e.destination = m.destination AND e.order_key = m.order_key AND e.seq < m.seq) \
    ORDER BY m.next_at, m.seq LIMIT $2";

/// Takes up to `limit` messages to be sent at `now`, the longest due first, at most one a key and
/// destination. Each is the taker's for [`LEASE_SECONDS`]; if by then neither [`delivered`] nor
/// [`failed`] was called (the sender died), it is due again.
pub async fn claim(
    records: &Records,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<StoredMessage>, Error> {
    // Looking costs the writer nothing when there is nothing to send, which is most of the time.
    if select(records.db(), DUE, vec![now.as_micros().into(), 1u64.into()]).await?.is_empty() {
        return Ok(Vec::new());
    }
    records
        .write(move |txn| {
            Box::pin(async move {
                let lease = now.plus_seconds(LEASE_SECONDS);
                let mut due = select(txn, DUE, vec![now.as_micros().into(), limit.into()]).await?;
                for message in &mut due {
                    message.attempts = message.attempts.saturating_add(1);
                    message.next_at = lease;
                    let sql =
                        "UPDATE records_outbox SET attempts = $1, next_at = $2 WHERE seq = $3";
                    let values =
                        vec![message.attempts.into(), lease.as_micros().into(), message.seq.into()];
                    rows::execute(txn, sql, values).await?;
                }
                Ok(due)
            })
        })
        .await
}

/// The receiver took it. Of a message that is not waiting, nothing changes.
pub async fn delivered(records: &Records, seq: i64, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE records_outbox SET state = 'delivered', delivered_at = $1, last_error = NULL \
        WHERE seq = $2 AND state = 'waiting'";
    update(records, sql, vec![now.as_micros().into(), seq.into()]).await.map(drop)
}

/// An attempt failed; returns when the next one is due, `None` if there is none (the attempts are
/// used up, or the message no longer waits).
pub async fn failed(
    records: &Records,
    seq: i64,
    reason: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let reason: String = reason.chars().take(REASON_LENGTH).collect();
    records
        .write(move |txn| {
            Box::pin(async move {
                let sql = "SELECT * FROM records_outbox WHERE seq = $1 AND state = 'waiting'";
                let waiting = select(txn, sql, vec![seq.into()]).await?;
                let Some(message) = waiting.first() else { return Ok(None) };
                let next = next_attempt(message.attempts, now);
                let state =
                    if next.is_some() { MessageState::Waiting } else { MessageState::Exhausted };
                let sql = "UPDATE records_outbox SET state = $1, next_at = $2, last_error = $3 \
                    WHERE seq = $4";
                let values = vec![
                    state.name().into(),
                    next.unwrap_or(now).as_micros().into(),
                    reason.into(),
                    seq.into(),
                ];
                rows::execute(txn, sql, values).await?;
                Ok(next)
            })
        })
        .await
}

/// When to try again after the `attempts`-th attempt failed.
fn next_attempt(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let place = usize::try_from(attempts.saturating_sub(1)).ok()?;
    BACK_OFF_SECONDS.get(place).map(|seconds| now.plus_seconds(*seconds))
}

/// Sends a message again from the first attempt, whatever its state; false if there is none.
pub async fn replay(records: &Records, seq: i64, now: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE records_outbox SET state = 'waiting', attempts = 0, next_at = $1, \
        delivered_at = NULL, last_error = NULL WHERE seq = $2";
    Ok(update(records, sql, vec![now.as_micros().into(), seq.into()]).await? > 0)
}

/// The message at a position.
pub async fn get(records: &Records, seq: i64) -> Result<Option<StoredMessage>, Error> {
    let sql = "SELECT * FROM records_outbox WHERE seq = $1";
    Ok(select(records.db(), sql, vec![seq.into()]).await?.pop())
}

/// Messages about `key`, oldest first; at most 1000.
pub async fn of_key(records: &Records, key: &str) -> Result<Vec<StoredMessage>, Error> {
    let sql = "SELECT * FROM records_outbox WHERE order_key = $1 ORDER BY seq LIMIT 1000";
    select(records.db(), sql, vec![key.into()]).await
}

/// How many messages stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// To be sent.
    pub waiting: u64,
    /// Taken by their receivers.
    pub delivered: u64,
    /// Given up.
    pub exhausted: u64,
}

/// Counts the messages.
pub async fn counts(records: &Records) -> Result<OutboxCounts, Error> {
    let sql = "SELECT state, COUNT(*) AS n FROM records_outbox GROUP BY state";
    let read = |row: &Row<'_>| {
        let n = u64::try_from(row.number("n")?).map_err(|e| row.corrupt("n", &e))?;
        Ok((row.word("state", MessageState::from_name)?, n))
    };
    let mut counts = OutboxCounts::default();
    for (state, n) in rows::select(records.db(), TABLE, sql, vec![], read).await? {
        match state {
            MessageState::Waiting => counts.waiting = n,
            MessageState::Delivered => counts.delivered = n,
            MessageState::Exhausted => counts.exhausted = n,
        }
    }
    Ok(counts)
}

async fn select(
    db: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<StoredMessage>, Error> {
    rows::select(db, TABLE, sql, values, StoredMessage::read).await
}

async fn update(records: &Records, sql: &'static str, values: Vec<Value>) -> Result<u64, Error> {
    records.write(move |txn| Box::pin(async move { rows::execute(txn, sql, values).await })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_grows_and_ends_after_about_three_days() {
        let now = Timestamp::from_micros(0);
        let mut last = now;
        for attempt in 1..=10 {
            let next = next_attempt(attempt, now).expect("goes on");
            assert!(next > last, "attempt {attempt}");
            last = next;
        }
        assert_eq!(next_attempt(11, now), None);
        assert!((2 * 86_400..4 * 86_400).contains(&BACK_OFF_SECONDS.iter().sum::<i64>()));
    }
}
