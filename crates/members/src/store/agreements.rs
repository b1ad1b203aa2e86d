//! Rows of agreements: a table a kind, of one shape.

use crate::model::agreement::{Agreement, AgreementKind};
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{MerchantId, Timestamp, UserId};

const fn table(kind: AgreementKind) -> &'static str {
    match kind {
        AgreementKind::PasswordFree => "member_agreement",
        AgreementKind::Withholding => "member_withholding",
    }
}

/// Makes or replaces an agreement.
pub(crate) async fn put(db: &impl ConnectionTrait, agreement: Agreement) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO {} (user_id, merchant, per_order, per_day, agreed_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, merchant) DO UPDATE \
        SET per_order = $3, per_day = $4, agreed_at = $5, revoked_at = NULL",
        table(agreement.kind)
    );
    let values = vec![
        agreement.user.to_string().into(),
        agreement.merchant.to_string().into(),
        agreement.per_order.signed().into(),
        agreement.per_day.signed().into(),
        agreement.agreed_at.as_micros().into(),
    ];
    execute(db, &sql, values).await.map(drop)
}

/// Ends an agreement.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    kind: AgreementKind,
    user: UserId,
    merchant: MerchantId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET revoked_at = $3 \
        WHERE user_id = $1 AND merchant = $2 AND revoked_at IS NULL",
        table(kind)
    );
    let values = vec![user.to_string().into(), merchant.to_string().into(), now.as_micros().into()];
    execute(db, &sql, values).await.map(drop)
}

const COLUMNS: &str = "user_id, merchant, per_order, per_day, agreed_at, revoked_at";

fn read(kind: AgreementKind, row: &Row<'_>) -> Result<Agreement, Error> {
    Ok(Agreement {
        kind,
        user: row.parsed("user_id")?,
        merchant: row.parsed("merchant")?,
        per_order: row.amount("per_order")?,
        per_day: row.amount("per_day")?,
        agreed_at: row.moment("agreed_at")?,
    })
}

/// The agreement in force.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    kind: AgreementKind,
    user: UserId,
    merchant: MerchantId,
) -> Result<Option<Agreement>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {} WHERE user_id = $1 AND merchant = $2 AND revoked_at IS NULL",
        table(kind)
    );
    let values = vec![user.to_string().into(), merchant.to_string().into()];
    Ok(select(db, table(kind), &sql, values, |row| read(kind, row)).await?.pop())
}

/// A user's agreements of both kinds, those that ended too, with when that was; oldest first.
pub(crate) async fn of_user(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<(Agreement, Option<Timestamp>)>, Error> {
    let mut all = Vec::new();
    for kind in [AgreementKind::PasswordFree, AgreementKind::Withholding] {
        let sql = format!(
            "SELECT {COLUMNS} FROM {} WHERE user_id = $1 ORDER BY agreed_at, merchant LIMIT 500",
            table(kind)
        );
        let found = select(db, table(kind), &sql, vec![user.to_string().into()], |row| {
            let revoked_at = row.optional("revoked_at")?.map(Timestamp::from_micros);
            Ok((read(kind, row)?, revoked_at))
        });
        all.extend(found.await?);
    }
    Ok(all)
}
