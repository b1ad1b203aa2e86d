//! Rows that pass: requests, sessions, sign-ins under way, one-time values that were seen. Each has
//! an end; what has ended counts as absent, and [`sweep`] removes it.

use super::blob;
use crate::model::level::Level;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{ClientId, Timestamp, UserId};

/// An authorisation request as stored.
#[derive(Debug, Clone)]
pub(crate) struct RequestRow {
    pub(crate) client: ClientId,
    /// Keyed hash of the browser's secret; none while the request is only pushed.
    pub(crate) browser: Option<Vec<u8>>,
    pub(crate) document: String,
}

/// Stores a request.
pub(crate) async fn add_request(
    db: &impl ConnectionTrait,
    handle: Vec<u8>,
    row: RequestRow,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO sso_request (handle, client, browser, document, expires_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        handle.into(),
        row.client.to_string().into(),
        row.browser.into(),
        row.document.into(),
        expires_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// A request that has not ended.
pub(crate) async fn request(
    db: &impl ConnectionTrait,
    handle: &[u8],
    now: Timestamp,
) -> Result<Option<RequestRow>, Error> {
    let sql = "SELECT * FROM sso_request WHERE handle = $1 AND expires_at > $2";
    let values = vec![handle.to_vec().into(), now.as_micros().into()];
    let found = select(db, "sso_request", sql, values, |row| {
        Ok(RequestRow {
            client: row.parsed("client")?,
            browser: row.optional("browser")?,
            document: row.text("document")?,
        })
    });
    Ok(found.await?.pop())
}

/// Uses up a request; whether it was there.
pub(crate) async fn take_request(db: &impl ConnectionTrait, handle: &[u8]) -> Result<bool, Error> {
    let sql = "DELETE FROM sso_request WHERE handle = $1";
    Ok(execute(db, sql, vec![handle.to_vec().into()]).await? == 1)
}

/// Somebody who has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: UserId,
    /// How surely.
    pub level: Level,
    /// When.
    pub signed_in_at: Timestamp,
}

/// Stores a session.
pub(crate) async fn add_session(
    db: &impl ConnectionTrait,
    handle: Vec<u8>,
    session: Session,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO sso_session (handle, user_id, level, signed_in_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        handle.into(),
        session.user.to_string().into(),
        i64::from(session.level.number()).into(),
        session.signed_in_at.as_micros().into(),
        expires_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// A session that has not ended.
pub(crate) async fn session(
    db: &impl ConnectionTrait,
    handle: &[u8],
    now: Timestamp,
) -> Result<Option<Session>, Error> {
    let sql = "SELECT * FROM sso_session WHERE handle = $1 AND expires_at > $2";
    let values = vec![handle.to_vec().into(), now.as_micros().into()];
    let found = select(db, "sso_session", sql, values, |row| {
        let level = Level::from_number(row.number("level")?);
        Ok(Session {
            user: row.parsed("user_id")?,
            level: level.ok_or_else(|| row.corrupt("level", &"no level"))?,
            signed_in_at: row.moment("signed_in_at")?,
        })
    });
    Ok(found.await?.pop())
}

/// Ends a session.
pub(crate) async fn end_session(db: &impl ConnectionTrait, handle: &[u8]) -> Result<(), Error> {
    let sql = "DELETE FROM sso_session WHERE handle = $1";
    execute(db, sql, vec![handle.to_vec().into()]).await.map(drop)
}

/// Remembers a one-time value of somebody else's; whether it was not seen before.
pub(crate) async fn see(
    db: &impl ConnectionTrait,
    value: Vec<u8>,
    expires_at: Timestamp,
) -> Result<bool, Error> {
    let sql = "INSERT INTO sso_seen (value, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(execute(db, sql, vec![value.into(), expires_at.as_micros().into()]).await? == 1)
}

/// A federated sign-in under way, as stored.
#[derive(Debug, Clone)]
pub(crate) struct LoginRow {
    pub(crate) browser: Vec<u8>,
    pub(crate) provider: String,
    pub(crate) sealed: Vec<u8>,
}

/// Stores a sign-in under way.
pub(crate) async fn add_login(
    db: &impl ConnectionTrait,
    state: Vec<u8>,
    row: LoginRow,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO sso_login (state, browser, provider, sealed, expires_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        state.into(),
        row.browser.into(),
        row.provider.into(),
        row.sealed.into(),
        expires_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

fn read_login(row: &Row<'_>) -> Result<LoginRow, Error> {
    Ok(LoginRow {
        browser: blob(row, "browser")?,
        provider: row.text("provider")?,
        sealed: blob(row, "sealed")?,
    })
}

/// A sign-in that has not ended.
pub(crate) async fn login(
    db: &impl ConnectionTrait,
    state: &[u8],
    now: Timestamp,
) -> Result<Option<LoginRow>, Error> {
    let sql = "SELECT * FROM sso_login WHERE state = $1 AND expires_at > $2";
    let values = vec![state.to_vec().into(), now.as_micros().into()];
    Ok(select(db, "sso_login", sql, values, read_login).await?.pop())
}

/// Uses up a sign-in that has not ended.
pub(crate) async fn take_login(
    db: &impl ConnectionTrait,
    state: &[u8],
    now: Timestamp,
) -> Result<Option<LoginRow>, Error> {
    let sql = "DELETE FROM sso_login WHERE state = $1 AND expires_at > $2 RETURNING *";
    let values = vec![state.to_vec().into(), now.as_micros().into()];
    Ok(select(db, "sso_login", sql, values, read_login).await?.pop())
}

/// Removes what has ended, of each table at most `most` rows.
pub(crate) async fn sweep(
    db: &impl ConnectionTrait,
    now: Timestamp,
    most: u32,
) -> Result<u64, Error> {
    let mut removed = 0_u64;
    for (table, key) in [
        ("sso_request", "handle"),
        ("sso_session", "handle"),
        ("sso_refresh", "token"),
        ("sso_seen", "value"),
        ("sso_login", "state"),
    ] {
        let sql = format!(
            "DELETE FROM {table} WHERE {key} IN \
             (SELECT {key} FROM {table} WHERE expires_at <= $1 LIMIT {most})"
        );
        let values = vec![now.as_micros().into()];
        removed = removed.saturating_add(execute(db, &sql, values).await?);
    }
    Ok(removed)
}
