//! Rows of clients.

use super::moment;
use crate::model::client::{Client, NewClient};
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{ClientId, Timestamp};

/// A client, and the keyed hash of its secret.
#[derive(Debug, Clone)]
pub(crate) struct ClientRow {
    pub(crate) client: Client,
    pub(crate) secret: Option<Vec<u8>>,
}

fn read(row: &Row<'_>) -> Result<ClientRow, Error> {
    let client = Client {
        id: row.parsed("id")?,
        terms: row.json("document")?,
        made_at: row.moment("made_at")?,
        disabled_at: moment(row, "disabled_at")?,
    };
    Ok(ClientRow { client, secret: row.optional("secret")? })
}

/// The client of this id.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: ClientId,
) -> Result<Option<ClientRow>, Error> {
    let sql = "SELECT * FROM sso_client WHERE id = $1";
    Ok(select(db, "sso_client", sql, vec![id.to_string().into()], read).await?.pop())
}

/// Every client, oldest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<ClientRow>, Error> {
    select(db, "sso_client", "SELECT * FROM sso_client ORDER BY id LIMIT 10000", vec![], read).await
}

/// Stores a client.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    id: ClientId,
    terms: &NewClient,
    secret: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), Error> {
    let document = serde_json::to_string(terms)
        .map_err(|e| Error::Corrupt { table: "sso_client", reason: e.to_string() })?;
    let sql = "INSERT INTO sso_client (id, document, secret, made_at) VALUES ($1, $2, $3, $4)";
    let values =
        vec![id.to_string().into(), document.into(), secret.into(), now.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// Gives a client another secret; whether it is there and has one.
pub(crate) async fn resecret(
    db: &impl ConnectionTrait,
    id: ClientId,
    secret: Vec<u8>,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_client SET secret = $2 WHERE id = $1 AND secret IS NOT NULL";
    Ok(execute(db, sql, vec![id.to_string().into(), secret.into()]).await? == 1)
}

/// Puts a client out of use; whether it was in use.
pub(crate) async fn disable(
    db: &impl ConnectionTrait,
    id: ClientId,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_client SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
    Ok(execute(db, sql, vec![id.to_string().into(), now.as_micros().into()]).await? == 1)
}
