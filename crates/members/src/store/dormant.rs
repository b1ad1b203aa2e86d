//! Rows of accounts that were suspended for not being used.

use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::{RegisterEntryId, Timestamp, UserId};

const TABLE: &str = "member_dormant";

/// Verified users whose account was opened at `before` at the latest and has not been looked at;
/// the oldest first.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<UserId>, Error> {
    let sql = "SELECT id FROM member_user WHERE activity_seen = 0 AND verified_at <= $1 \
        ORDER BY verified_at LIMIT $2";
    let values = vec![before.as_micros().into(), i64::from(limit).into()];
    select(db, "member_user", sql, values, |row| row.parsed("id")).await
}

/// These have been looked at.
pub(crate) async fn seen(db: &impl ConnectionTrait, users: &[UserId]) -> Result<(), Error> {
    let sql = "UPDATE member_user SET activity_seen = 1 WHERE id = $1";
    for user in users {
        execute(db, sql, vec![user.to_string().into()]).await?;
    }
    Ok(())
}

/// A user's account is suspended by this entry.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    user: UserId,
    entry: RegisterEntryId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO member_dormant (user_id, entry, since) VALUES ($1, $2, $3)";
    let values = vec![user.to_string().into(), entry.to_string().into(), now.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// The entry that suspended a user's account, lifted or not.
pub(crate) async fn entry(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<RegisterEntryId>, Error> {
    let sql = "SELECT entry FROM member_dormant WHERE user_id = $1";
    Ok(select(db, TABLE, sql, vec![user.to_string().into()], |row| row.parsed("entry"))
        .await?
        .pop())
}
