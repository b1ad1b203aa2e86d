//! Who changed what: an append-only log of every change that a person makes.

use sea_orm::ConnectionTrait;
use serde_json::Value;
use types::Timestamp;

use crate::{Error, Records};

/// One line of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Position, from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who: an operator, a merchant, `system`.
    pub actor: String,
    /// What was done: `freeze.lift`, `fee_plan.change`.
    pub action: String,
    /// To what: the id of the thing changed.
    pub subject: String,
    /// How it was; absent for a thing made.
    pub before: Option<Value>,
    /// How it is; absent for a thing removed.
    pub after: Option<Value>,
    /// SHA-256, in hexadecimal, over the line before and this one.
    pub hash: String,
}

/// Adds a line in the caller's unit, and returns its position.
pub async fn append(
    _txn: &impl ConnectionTrait,
    _actor: &str,
    _action: &str,
    _subject: &str,
    _before: Option<&Value>,
    _after: Option<&Value>,
    _now: Timestamp,
) -> Result<i64, Error> {
    unimplemented!()
}

/// The newest lines before `before` (all if `None`), newest first; of one subject if named.
pub async fn list(
    _records: &Records,
    _subject: Option<&str>,
    _before: Option<i64>,
    _limit: u64,
) -> Result<Vec<AuditEntry>, Error> {
    unimplemented!()
}

/// Walks the chain of hashes; returns how many lines hold.
///
/// # Errors
/// [`Error::Corrupt`] naming the first line that was altered or is missing.
pub async fn verify(_records: &Records) -> Result<i64, Error> {
    unimplemented!()
}
