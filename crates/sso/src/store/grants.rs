//! Rows of grants and of their refresh tokens.

use super::moment;
use crate::model::level::Level;
use crate::model::scope::Scopes;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{ClientId, GrantId, Timestamp, UserId};

/// A grant as stored.
#[derive(Debug, Clone)]
pub(crate) struct GrantRow {
    pub(crate) id: GrantId,
    pub(crate) client: ClientId,
    pub(crate) user: UserId,
    pub(crate) scopes: Scopes,
    pub(crate) level: Level,
    pub(crate) signed_in_at: Timestamp,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    /// The key that its tokens are bound to.
    pub(crate) jkt: Option<String>,
    /// Keyed hash of its code; none for what was passed on.
    pub(crate) code: Option<Vec<u8>>,
    pub(crate) code_ends_at: Timestamp,
    pub(crate) code_used_at: Option<Timestamp>,
    /// The grant it was passed on from.
    pub(crate) parent: Option<GrantId>,
    pub(crate) made_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

impl GrantRow {
    /// Whether anything of it is good.
    pub(crate) fn stands(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

fn read(row: &Row<'_>) -> Result<GrantRow, Error> {
    let level = Level::from_number(row.number("level")?);
    let scopes = row.text("scope")?;
    Ok(GrantRow {
        id: row.parsed("id")?,
        client: row.parsed("client")?,
        user: row.parsed("user_id")?,
        scopes: Scopes::parse(&scopes).map_err(|e| row.corrupt("scope", &e.reason.en))?,
        level: level.ok_or_else(|| row.corrupt("level", &"no level"))?,
        signed_in_at: row.moment("signed_in_at")?,
        redirect_uri: row.text("redirect_uri")?,
        challenge: row.text("challenge")?,
        nonce: row.optional("nonce")?,
        jkt: row.optional("jkt")?,
        code: row.optional("code")?,
        code_ends_at: row.moment("code_ends_at")?,
        code_used_at: moment(row, "code_used_at")?,
        parent: row.optional_parsed("parent")?,
        made_at: row.moment("made_at")?,
        expires_at: row.moment("expires_at")?,
        revoked_at: moment(row, "revoked_at")?,
    })
}

/// Stores a grant.
pub(crate) async fn insert(db: &impl ConnectionTrait, grant: GrantRow) -> Result<(), Error> {
    let sql = "INSERT INTO sso_grant (id, client, user_id, scope, level, signed_in_at, \
        redirect_uri, challenge, nonce, jkt, code, code_ends_at, parent, made_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values = vec![
        grant.id.to_string().into(),
        grant.client.to_string().into(),
        grant.user.to_string().into(),
        grant.scopes.to_string().into(),
        i64::from(grant.level.number()).into(),
        grant.signed_in_at.as_micros().into(),
        grant.redirect_uri.into(),
        grant.challenge.into(),
        grant.nonce.into(),
        grant.jkt.into(),
        grant.code.into(),
        grant.code_ends_at.as_micros().into(),
        grant.parent.map(|id| id.to_string()).into(),
        grant.made_at.as_micros().into(),
        grant.expires_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// The grant of this id.
pub(crate) async fn get(db: &impl ConnectionTrait, id: GrantId) -> Result<Option<GrantRow>, Error> {
    let sql = "SELECT * FROM sso_grant WHERE id = $1";
    Ok(select(db, "sso_grant", sql, vec![id.to_string().into()], read).await?.pop())
}

/// The grant whose code this is.
pub(crate) async fn by_code(
    db: &impl ConnectionTrait,
    code: &[u8],
) -> Result<Option<GrantRow>, Error> {
    let sql = "SELECT * FROM sso_grant WHERE code = $1";
    Ok(select(db, "sso_grant", sql, vec![code.to_vec().into()], read).await?.pop())
}

/// A user's grants that stand, newest first.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<GrantRow>, Error> {
    let sql = "SELECT * FROM sso_grant WHERE user_id = $1 AND revoked_at IS NULL \
        AND expires_at > $2 AND code_used_at IS NOT NULL ORDER BY id DESC LIMIT 500";
    select(db, "sso_grant", sql, vec![user.to_string().into(), now.as_micros().into()], read).await
}

/// Uses up a grant's code and binds it to a key; whether it was not used before.
pub(crate) async fn redeem(
    db: &impl ConnectionTrait,
    id: GrantId,
    jkt: Option<String>,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_grant SET code_used_at = $2, jkt = $3, expires_at = $4 \
        WHERE id = $1 AND code_used_at IS NULL AND revoked_at IS NULL";
    let values = vec![
        id.to_string().into(),
        now.as_micros().into(),
        jkt.into(),
        expires_at.as_micros().into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}

/// Ends a grant and what was passed on from it.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    id: GrantId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE sso_grant SET revoked_at = $2 \
        WHERE (id = $1 OR parent = $1) AND revoked_at IS NULL";
    execute(db, sql, vec![id.to_string().into(), now.as_micros().into()]).await.map(drop)
}

/// Ends every grant of a client.
pub(crate) async fn revoke_of_client(
    db: &impl ConnectionTrait,
    client: ClientId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE sso_grant SET revoked_at = $2 WHERE revoked_at IS NULL AND (client = $1 \
        OR parent IN (SELECT id FROM sso_grant WHERE client = $1))";
    execute(db, sql, vec![client.to_string().into(), now.as_micros().into()]).await.map(drop)
}

/// A refresh token as stored.
#[derive(Debug, Clone)]
pub(crate) struct RefreshRow {
    pub(crate) grant: GrantId,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
}

/// The refresh token with this keyed hash.
pub(crate) async fn refresh(
    db: &impl ConnectionTrait,
    token: &[u8],
) -> Result<Option<RefreshRow>, Error> {
    let sql = "SELECT * FROM sso_refresh WHERE token = $1";
    let found = select(db, "sso_refresh", sql, vec![token.to_vec().into()], |row| {
        Ok(RefreshRow {
            grant: row.parsed("grant_id")?,
            expires_at: row.moment("expires_at")?,
            used: moment(row, "used_at")?.is_some(),
        })
    });
    Ok(found.await?.pop())
}

/// Stores a refresh token.
pub(crate) async fn add_refresh(
    db: &impl ConnectionTrait,
    token: Vec<u8>,
    grant: GrantId,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO sso_refresh (token, grant_id, expires_at) VALUES ($1, $2, $3)";
    let values = vec![token.into(), grant.to_string().into(), expires_at.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// Uses up a refresh token; whether it was not used before.
pub(crate) async fn use_refresh(
    db: &impl ConnectionTrait,
    token: &[u8],
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_refresh SET used_at = $2 WHERE token = $1 AND used_at IS NULL";
    Ok(execute(db, sql, vec![token.to_vec().into(), now.as_micros().into()]).await? == 1)
}
