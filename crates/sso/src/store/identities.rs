//! Rows of federated identities.

use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{Timestamp, UserId};

/// An identity as stored.
#[derive(Debug, Clone)]
pub(crate) struct IdentityRow {
    pub(crate) issuer: String,
    pub(crate) user: UserId,
    pub(crate) linked_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<IdentityRow, Error> {
    Ok(IdentityRow {
        issuer: row.text("issuer")?,
        user: row.parsed("user_id")?,
        linked_at: row.moment("linked_at")?,
    })
}

/// The identity with this blind index.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    identity: &[u8],
) -> Result<Option<IdentityRow>, Error> {
    let sql = "SELECT * FROM sso_identity WHERE identity = $1";
    Ok(select(db, "sso_identity", sql, vec![identity.to_vec().into()], read).await?.pop())
}

/// A user's identities, oldest first.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<IdentityRow>, Error> {
    let sql = "SELECT * FROM sso_identity WHERE user_id = $1 ORDER BY linked_at, issuer LIMIT 100";
    select(db, "sso_identity", sql, vec![user.to_string().into()], read).await
}

/// Stores an identity.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    identity: Vec<u8>,
    row: IdentityRow,
) -> Result<(), Error> {
    let sql = "INSERT INTO sso_identity (identity, issuer, user_id, linked_at) \
        VALUES ($1, $2, $3, $4)";
    let values = vec![
        identity.into(),
        row.issuer.into(),
        row.user.to_string().into(),
        row.linked_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Unlinks a user's identities of one issuer; how many there were.
pub(crate) async fn remove(
    db: &impl ConnectionTrait,
    user: UserId,
    issuer: &str,
) -> Result<u64, Error> {
    let sql = "DELETE FROM sso_identity WHERE user_id = $1 AND issuer = $2";
    execute(db, sql, vec![user.to_string().into(), issuer.into()]).await
}
