//! Rows of the keys that payment passwords are sealed to.

use super::users::blob;
use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::Timestamp;

/// A key as stored; its private half sealed.
pub(crate) struct KeyRow {
    pub(crate) key_id: String,
    pub(crate) suite: String,
    pub(crate) secret: Vec<u8>,
    pub(crate) made_at: Timestamp,
    pub(crate) retired_at: Option<Timestamp>,
}

/// Every key, oldest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<KeyRow>, Error> {
    let sql = "SELECT key_id, suite, secret, made_at, retired_at FROM member_keypad_key \
        ORDER BY made_at, key_id";
    let found = select(db, "member_keypad_key", sql, Vec::new(), |row| {
        Ok(KeyRow {
            key_id: row.text("key_id")?,
            suite: row.text("suite")?,
            secret: blob(row, "secret")?,
            made_at: row.moment("made_at")?,
            retired_at: row.optional("retired_at")?.map(Timestamp::from_micros),
        })
    });
    found.await
}

/// Stores a key.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: KeyRow) -> Result<(), Error> {
    let sql = "INSERT INTO member_keypad_key (key_id, suite, secret, made_at, retired_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        row.key_id.into(),
        row.suite.into(),
        row.secret.into(),
        row.made_at.as_micros().into(),
        row.retired_at.map(Timestamp::as_micros).into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Rotates every key that is in use away.
pub(crate) async fn retire(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE member_keypad_key SET retired_at = $1 WHERE retired_at IS NULL";
    execute(db, sql, vec![now.as_micros().into()]).await.map(drop)
}

/// Erases keys that were rotated away before `end`.
pub(crate) async fn erase(db: &impl ConnectionTrait, end: Timestamp) -> Result<(), Error> {
    let sql = "DELETE FROM member_keypad_key WHERE retired_at <= $1";
    execute(db, sql, vec![end.as_micros().into()]).await.map(drop)
}
