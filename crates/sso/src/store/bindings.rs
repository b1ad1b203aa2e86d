//! Rows of bindings of business users.

use super::blob;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{BusinessUserId, ClientId, Timestamp, UserId};

/// A binding in force, as stored.
#[derive(Debug, Clone)]
pub(crate) struct BindingRow {
    pub(crate) id: BusinessUserId,
    pub(crate) client: ClientId,
    /// Blind index of the business user within its client.
    pub(crate) index: Vec<u8>,
    /// The business user, sealed.
    pub(crate) business_user: Vec<u8>,
    pub(crate) user: UserId,
    pub(crate) bound_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<BindingRow, Error> {
    Ok(BindingRow {
        id: row.parsed("id")?,
        client: row.parsed("client")?,
        index: blob(row, "business_index")?,
        business_user: blob(row, "business_user")?,
        user: row.parsed("user_id")?,
        bound_at: row.moment("bound_at")?,
    })
}

/// The binding in force of a business user.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    client: ClientId,
    index: &[u8],
) -> Result<Option<BindingRow>, Error> {
    let sql = "SELECT * FROM sso_binding \
        WHERE client = $1 AND business_index = $2 AND unbound_at IS NULL";
    let values = vec![client.to_string().into(), index.to_vec().into()];
    Ok(select(db, "sso_binding", sql, values, read).await?.pop())
}

/// Stores a binding.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: BindingRow) -> Result<(), Error> {
    let sql = "INSERT INTO sso_binding \
        (id, client, business_index, business_user, user_id, bound_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let values = vec![
        row.id.to_string().into(),
        row.client.to_string().into(),
        row.index.into(),
        row.business_user.into(),
        row.user.to_string().into(),
        row.bound_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Ends a binding.
pub(crate) async fn end(
    db: &impl ConnectionTrait,
    id: BusinessUserId,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_binding SET unbound_at = $2 WHERE id = $1 AND unbound_at IS NULL";
    Ok(execute(db, sql, vec![id.to_string().into(), now.as_micros().into()]).await? == 1)
}

/// A user's bindings in force, newest first; of one client if named.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    client: Option<ClientId>,
) -> Result<Vec<BindingRow>, Error> {
    let sql = "SELECT * FROM sso_binding WHERE user_id = $1 AND unbound_at IS NULL \
        AND (client = $2 OR $2 IS NULL) ORDER BY id DESC LIMIT 1000";
    let values = vec![user.to_string().into(), client.map(|c| c.to_string()).into()];
    select(db, "sso_binding", sql, values, read).await
}

/// How many of a user's business users of a client are bound.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    user: UserId,
    client: ClientId,
) -> Result<u64, Error> {
    of_user(db, user, Some(client)).await.map(|rows| rows.len() as u64)
}
