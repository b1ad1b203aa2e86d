//! Rows of one-time codes.

use super::users::blob;
use crate::model::code::CodePurpose;
use records::Error;
use records::rows::{execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{Timestamp, UserId};

const TABLE: &str = "member_code";

/// What one code is good for.
#[derive(Debug, Clone)]
pub(crate) struct For {
    pub(crate) user: UserId,
    pub(crate) purpose: CodePurpose,
    pub(crate) subject: String,
}

impl For {
    fn values(&self) -> Vec<Value> {
        vec![self.user.to_string().into(), self.purpose.word().into(), self.subject.clone().into()]
    }
}

/// A code to be stored.
pub(crate) struct NewCode {
    pub(crate) id: String,
    pub(crate) is_for: For,
    pub(crate) phone_index: [u8; 32],
    pub(crate) hash: [u8; 32],
    pub(crate) sent_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A code that may still be used.
pub(crate) struct LiveCode {
    pub(crate) id: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) expires_at: Timestamp,
    /// Wrong tries so far.
    pub(crate) tries: u32,
}

/// How many were sent to a phone since a moment, and when the last that was carried.
pub(crate) async fn sent(
    db: &impl ConnectionTrait,
    phone_index: [u8; 32],
    since: Timestamp,
) -> Result<(u64, Option<Timestamp>), Error> {
    let sql = "SELECT COUNT(*) AS n, MAX(CASE WHEN state <> 'failed' THEN sent_at END) AS last \
        FROM member_code WHERE phone_index = $1 AND sent_at >= $2";
    let values = vec![phone_index.to_vec().into(), since.as_micros().into()];
    let found = select(db, TABLE, sql, values, |row| {
        Ok((row.number("n")?.unsigned_abs(), row.optional("last")?.map(Timestamp::from_micros)))
    });
    Ok(found.await?.pop().unwrap_or_default())
}

/// Stores a code in place of any other for the same, and forgets what is older than `keep_from`.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    new: NewCode,
    keep_from: Timestamp,
) -> Result<(), Error> {
    let old = "DELETE FROM member_code WHERE sent_at < $1";
    execute(db, old, vec![keep_from.as_micros().into()]).await?;
    let replaced = "UPDATE member_code SET state = 'replaced' \
        WHERE user_id = $1 AND purpose = $2 AND subject = $3 AND state = 'live'";
    execute(db, replaced, new.is_for.values()).await?;
    let sql = "INSERT INTO member_code (user_id, purpose, subject, id, phone_index, hash, \
        sent_at, expires_at, tries, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'live')";
    let mut values = new.is_for.values();
    values.extend([
        new.id.into(),
        new.phone_index.to_vec().into(),
        new.hash.to_vec().into(),
        new.sent_at.as_micros().into(),
        new.expires_at.as_micros().into(),
    ]);
    execute(db, sql, values).await.map(drop)
}

/// The code that may be used for this.
pub(crate) async fn live(
    db: &impl ConnectionTrait,
    is_for: &For,
) -> Result<Option<LiveCode>, Error> {
    let sql = "SELECT id, hash, expires_at, tries FROM member_code \
        WHERE user_id = $1 AND purpose = $2 AND subject = $3 AND state = 'live'";
    let found = select(db, TABLE, sql, is_for.values(), |row| {
        Ok(LiveCode {
            id: row.text("id")?,
            hash: blob(row, "hash")?,
            expires_at: row.moment("expires_at")?,
            tries: u32::try_from(row.number("tries")?).map_err(|e| row.corrupt("tries", &e))?,
        })
    });
    Ok(found.await?.pop())
}

/// Whether a code is under way for another subject of this purpose.
pub(crate) async fn live_for_other(
    db: &impl ConnectionTrait,
    is_for: &For,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "SELECT COUNT(*) AS n FROM member_code WHERE user_id = $1 AND purpose = $2 \
        AND subject <> $3 AND state = 'live' AND expires_at > $4";
    let mut values = is_for.values();
    values.push(now.as_micros().into());
    let found = select(db, TABLE, sql, values, |row| row.number("n"));
    Ok(found.await?.pop().is_some_and(|n| n > 0))
}

/// Counts a wrong try.
pub(crate) async fn count(db: &impl ConnectionTrait, id: String) -> Result<(), Error> {
    let sql = "UPDATE member_code SET tries = tries + 1 WHERE id = $1";
    execute(db, sql, vec![id.into()]).await.map(drop)
}

/// Ends a code that was live.
pub(crate) async fn end(
    db: &impl ConnectionTrait,
    id: String,
    state: &'static str,
) -> Result<(), Error> {
    let sql = "UPDATE member_code SET state = $2 WHERE id = $1 AND state = 'live'";
    execute(db, sql, vec![id.into(), state.into()]).await.map(drop)
}
