//! Rows of signing keys.

use super::{blob, moment};
use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::Timestamp;

/// A signing key as stored.
#[derive(Debug, Clone)]
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) made_at: Timestamp,
    /// Since when it signs no more.
    pub(crate) retired_at: Option<Timestamp>,
    /// From when on nothing that it signed is valid any longer.
    pub(crate) gone_at: Option<Timestamp>,
}

/// Every key, newest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<KeyRow>, Error> {
    let sql = "SELECT * FROM sso_key ORDER BY made_at DESC, kid LIMIT 1000";
    select(db, "sso_key", sql, vec![], |row| {
        Ok(KeyRow {
            kid: row.text("kid")?,
            sealed: blob(row, "sealed")?,
            made_at: row.moment("made_at")?,
            retired_at: moment(row, "retired_at")?,
            gone_at: moment(row, "gone_at")?,
        })
    })
    .await
}

/// Adds a key that signs from now on; the ones before it verify until `gone_at`.
pub(crate) async fn succeed(
    db: &impl ConnectionTrait,
    kid: &str,
    sealed: Vec<u8>,
    now: Timestamp,
    gone_at: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE sso_key SET retired_at = $1, gone_at = $2 WHERE retired_at IS NULL";
    execute(db, sql, vec![now.as_micros().into(), gone_at.as_micros().into()]).await?;
    let sql = "INSERT INTO sso_key (kid, sealed, made_at) VALUES ($1, $2, $3)";
    let values = vec![kid.into(), sealed.into(), now.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// Drops the keys that have gone.
pub(crate) async fn forget(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM sso_key WHERE gone_at <= $1";
    execute(db, sql, vec![now.as_micros().into()]).await
}
