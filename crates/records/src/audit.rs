//! Who changed what: an append-only log of every change that a person makes.
//!
//! The engine refuses to change or remove a line, and each line's hash covers the line before it:
//! whoever alters the file behind the program's back is found by [`verify`]. Cutting lines off the
//! end is found by comparing with a hash that was noted elsewhere (a backup, a printed report).
//! Personal data goes in masked or not at all: this log is read by many.

use sea_orm::ConnectionTrait;
use serde_json::Value;
use sha2::{Digest, Sha256};
use types::Timestamp;

use crate::rows::{self, Row};
use crate::{Error, Records};

const TABLE: &str = "records_audit";

/// Lines read at a time while walking the log.
const PAGE: i64 = 1000;

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

/// A line as stored: its JSON is text, because the hash is over the text.
struct Line {
    seq: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    before: Option<String>,
    after: Option<String>,
    hash: String,
}

impl Line {
    fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            seq: row.number("seq")?,
            at: row.number("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            subject: row.text("subject")?,
            before: row.optional("before_json")?,
            after: row.optional("after_json")?,
            hash: row.text("hash")?,
        })
    }

    /// The hash that follows from the line before and this line's content. Every part is led by
    /// its length, an absent one by none, so that no two lines read alike.
    fn chained(&self, previous: &str) -> String {
        let mut hasher = Sha256::new();
        let (seq, at) = (self.seq.to_string(), self.at.to_string());
        let parts = [
            Some(previous),
            Some(seq.as_str()),
            Some(at.as_str()),
            Some(self.actor.as_str()),
            Some(self.action.as_str()),
            Some(self.subject.as_str()),
            self.before.as_deref(),
            self.after.as_deref(),
        ];
        for part in parts {
            match part {
                Some(text) => hasher.update(format!("{}:{text};", text.len())),
                None => hasher.update("-;"),
            }
        }
        hex::encode(hasher.finalize())
    }

    fn entry(self) -> Result<AuditEntry, Error> {
        let seq = self.seq;
        let json = |text: Option<String>| {
            text.map(|t| serde_json::from_str(&t)).transpose().map_err(|e| corrupt(seq, &e))
        };
        Ok(AuditEntry {
            seq,
            at: Timestamp::from_micros(self.at),
            before: json(self.before)?,
            after: json(self.after)?,
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            hash: self.hash,
        })
    }
}

fn corrupt(seq: i64, reason: &dyn std::fmt::Display) -> Error {
    Error::Corrupt { table: TABLE, reason: format!("line {seq}: {reason}") }
}

/// Adds a line in the caller's unit, and returns its position.
pub async fn append(
    txn: &impl ConnectionTrait,
    actor: &str,
    action: &str,
    subject: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    now: Timestamp,
) -> Result<i64, Error> {
    let sql = "SELECT * FROM records_audit ORDER BY seq DESC LIMIT 1";
    let last = rows::select(txn, TABLE, sql, vec![], Line::read).await?.pop();
    let (last, previous) = last.map_or((0, String::new()), |line| (line.seq, line.hash));
    let mut line = Line {
        seq: last.saturating_add(1),
        at: now.as_micros(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        before: before.map(Value::to_string),
        after: after.map(Value::to_string),
        hash: String::new(),
    };
    line.hash = line.chained(&previous);
    let sql = "INSERT INTO records_audit \
        (seq, at, actor, action, subject, before_json, after_json, hash) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = vec![
        line.seq.into(),
        line.at.into(),
        line.actor.into(),
        line.action.into(),
        line.subject.into(),
        line.before.into(),
        line.after.into(),
        line.hash.into(),
    ];
    rows::execute(txn, sql, values).await?;
    Ok(line.seq)
}

/// The newest lines before position `before` (from the end if `None`), newest first; of one
/// subject if named.
pub async fn list(
    records: &Records,
    subject: Option<&str>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<AuditEntry>, Error> {
    let sql = match subject {
        Some(_) => {
            "SELECT * FROM records_audit WHERE seq < $1 AND subject = $3 \
            ORDER BY seq DESC LIMIT $2"
        }
        None => "SELECT * FROM records_audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
    };
    let mut values = vec![before.unwrap_or(i64::MAX).into(), limit.into()];
    values.extend(subject.map(sea_orm::Value::from));
    rows::select(records.db(), TABLE, sql, values, |row| Line::read(row)?.entry()).await
}

/// What [`verify`] found to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditProof {
    /// How many lines.
    pub lines: i64,
    /// The last line's hash: noted elsewhere, it proves later that nothing was cut off.
    pub hash: String,
}

/// Walks the chain of hashes from the first line to the last.
///
/// # Errors
/// [`Error::Corrupt`] naming the first line that was altered or follows a missing one.
pub async fn verify(records: &Records) -> Result<AuditProof, Error> {
    let mut proof = AuditProof::default();
    loop {
        let sql = "SELECT * FROM records_audit WHERE seq > $1 ORDER BY seq LIMIT $2";
        let values = vec![proof.lines.into(), PAGE.into()];
        let page = rows::select(records.db(), TABLE, sql, values, Line::read).await?;
        if page.is_empty() {
            return Ok(proof);
        }
        for line in page {
            if line.seq != proof.lines.saturating_add(1) {
                return Err(corrupt(line.seq, &"the line before it is missing"));
            }
            if line.hash != line.chained(&proof.hash) {
                return Err(corrupt(line.seq, &"it does not have the hash of its content"));
            }
            proof = AuditProof { lines: line.seq, hash: line.hash };
        }
    }
}
