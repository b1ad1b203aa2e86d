//! Rows of password-free agreements.

use crate::model::agreement::Agreement;
use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::{MerchantId, Timestamp, UserId};

/// Makes or replaces an agreement.
pub(crate) async fn put(db: &impl ConnectionTrait, agreement: Agreement) -> Result<(), Error> {
    let sql = "INSERT INTO member_agreement (user_id, merchant, per_order, per_day, agreed_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, merchant) DO UPDATE \
        SET per_order = $3, per_day = $4, agreed_at = $5, revoked_at = NULL";
    let values = vec![
        agreement.user.to_string().into(),
        agreement.merchant.to_string().into(),
        agreement.per_order.signed().into(),
        agreement.per_day.signed().into(),
        agreement.agreed_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Ends an agreement.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    user: UserId,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE member_agreement SET revoked_at = $3 \
        WHERE user_id = $1 AND merchant = $2 AND revoked_at IS NULL";
    let values = vec![user.to_string().into(), merchant.to_string().into(), now.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// The agreement in force.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    user: UserId,
    merchant: MerchantId,
) -> Result<Option<Agreement>, Error> {
    let sql = "SELECT per_order, per_day, agreed_at FROM member_agreement \
        WHERE user_id = $1 AND merchant = $2 AND revoked_at IS NULL";
    let values = vec![user.to_string().into(), merchant.to_string().into()];
    let found = select(db, "member_agreement", sql, values, |row| {
        Ok(Agreement {
            user,
            merchant,
            per_order: row.amount("per_order")?,
            per_day: row.amount("per_day")?,
            agreed_at: row.moment("agreed_at")?,
        })
    });
    Ok(found.await?.pop())
}
