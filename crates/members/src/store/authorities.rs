//! Rows of what authorises users to act for their organisations.

use crate::model::organisation::Authority;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{CustomerId, UserId};

const TABLE: &str = "member_authority";

fn read(row: &Row<'_>) -> Result<Authority, Error> {
    Ok(Authority {
        user: row.parsed("user_id")?,
        document: row.text("document")?,
        by: row.text("authorised_by")?,
        at: row.moment("authorised_at")?,
    })
}

/// Stores what authorises a user, in the place of what did before.
pub(crate) async fn put(db: &impl ConnectionTrait, new: &Authority) -> Result<(), Error> {
    let sql = "INSERT INTO member_authority (user_id, document, authorised_by, authorised_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE \
        SET document = $2, authorised_by = $3, authorised_at = $4";
    let values = vec![
        new.user.to_string().into(),
        new.document.clone().into(),
        new.by.clone().into(),
        new.at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// What authorises a user.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Authority>, Error> {
    let sql = "SELECT user_id, document, authorised_by, authorised_at FROM member_authority \
        WHERE user_id = $1";
    Ok(select(db, TABLE, sql, vec![user.to_string().into()], read).await?.pop())
}

/// What authorises the users of a customer, by user.
pub(crate) async fn of_customer(
    db: &impl ConnectionTrait,
    customer: CustomerId,
) -> Result<Vec<Authority>, Error> {
    let sql = "SELECT a.user_id, a.document, a.authorised_by, a.authorised_at \
        FROM member_authority a JOIN member_user u ON u.id = a.user_id \
        WHERE u.customer = $1 ORDER BY a.user_id";
    select(db, TABLE, sql, vec![customer.to_string().into()], read).await
}

/// Forgets what authorised a user.
pub(crate) async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM member_authority WHERE user_id = $1";
    execute(db, sql, vec![user.to_string().into()]).await.map(drop)
}
