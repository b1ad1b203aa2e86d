//! Rows of secondary users.

use crate::model::secondary::Secondary;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{CustomerId, UserId};

const TABLE: &str = "member_secondary";

fn read(row: &Row<'_>) -> Result<Secondary, Error> {
    Ok(Secondary {
        user: row.parsed("user_id")?,
        primary: row.parsed("primary_user")?,
        since: row.moment("since")?,
    })
}

/// Stores a new secondary.
pub(crate) async fn insert(db: &impl ConnectionTrait, new: Secondary) -> Result<(), Error> {
    let sql = "INSERT INTO member_secondary (user_id, primary_user, since) VALUES ($1, $2, $3)";
    let values = vec![
        new.user.to_string().into(),
        new.primary.to_string().into(),
        new.since.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// The primary of a user.
pub(crate) async fn primary(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<UserId>, Error> {
    let sql = "SELECT primary_user FROM member_secondary WHERE user_id = $1";
    let read = |row: &Row<'_>| row.parsed("primary_user");
    Ok(select(db, TABLE, sql, vec![user.to_string().into()], read).await?.pop())
}

/// How many secondaries a user has.
pub(crate) async fn count(db: &impl ConnectionTrait, primary: UserId) -> Result<usize, Error> {
    let sql = "SELECT COUNT(*) AS n FROM member_secondary WHERE primary_user = $1";
    let values = vec![primary.to_string().into()];
    let found = select(db, TABLE, sql, values, |row| row.number("n")).await?;
    Ok(found.first().map_or(0, |n| usize::try_from(*n).unwrap_or(usize::MAX)))
}

/// The secondaries among a customer's users, by user.
pub(crate) async fn of_customer(
    db: &impl ConnectionTrait,
    customer: CustomerId,
) -> Result<Vec<Secondary>, Error> {
    let sql = "SELECT s.user_id, s.primary_user, s.since \
        FROM member_secondary s JOIN member_user u ON u.id = s.user_id \
        WHERE u.customer = $1 ORDER BY s.user_id";
    select(db, TABLE, sql, vec![customer.to_string().into()], read).await
}

/// Ends what a secondary is.
pub(crate) async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM member_secondary WHERE user_id = $1";
    execute(db, sql, vec![user.to_string().into()]).await.map(drop)
}

/// Ends every relation of a user, as secondary and as primary; how many. It leaves its customer.
pub(crate) async fn forget(db: &impl ConnectionTrait, user: UserId) -> Result<u64, Error> {
    let sql = "DELETE FROM member_secondary WHERE user_id = $1 OR primary_user = $1";
    execute(db, sql, vec![user.to_string().into()]).await
}
