//! Messages to outsiders, written in the unit that causes them and delivered afterwards.

use sea_orm::ConnectionTrait;
use serde_json::Value;
use types::Timestamp;

use crate::{Error, Records};

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
    pub payload: Value,
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
    /// The exact bytes of its body: what is signed is what is sent.
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
}

/// Writes a message in the caller's unit, and returns its position.
pub async fn enqueue(_txn: &impl ConnectionTrait, _message: OutboxMessage) -> Result<i64, Error> {
    unimplemented!()
}

/// Takes up to `limit` messages to be sent at `now`, oldest first, at most one a key and
/// destination. Each is the taker's for [`LEASE_SECONDS`]; if by then neither [`delivered`] nor
/// [`failed`] was called (the sender died), it is due again.
pub async fn claim(
    _records: &Records,
    _now: Timestamp,
    _limit: u64,
) -> Result<Vec<StoredMessage>, Error> {
    unimplemented!()
}

/// The receiver took it.
pub async fn delivered(_records: &Records, _seq: i64, _now: Timestamp) -> Result<(), Error> {
    unimplemented!()
}

/// An attempt failed; returns when the next one is due, `None` if there is none.
pub async fn failed(
    _records: &Records,
    _seq: i64,
    _reason: &str,
    _now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    unimplemented!()
}

/// Sends a message again from the first attempt, whatever its state; false if there is none.
pub async fn replay(_records: &Records, _seq: i64, _now: Timestamp) -> Result<bool, Error> {
    unimplemented!()
}

/// Messages about `key`, oldest first.
pub async fn of_key(_records: &Records, _key: &str) -> Result<Vec<StoredMessage>, Error> {
    unimplemented!()
}

/// How many wait and how many are exhausted.
pub async fn counts(_records: &Records) -> Result<(u64, u64), Error> {
    unimplemented!()
}

/// Seconds a claimed message is its taker's.
pub const LEASE_SECONDS: i64 = 60;
