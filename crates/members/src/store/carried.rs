//! Rows of what a customer that was split off another had used of its limits.

use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::AccountId;

const TABLE: &str = "member_carried";

/// What counts as used in one period of one quota from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The account of what is left of the quota.
    pub(crate) quota: AccountId,
    pub(crate) period: String,
    pub(crate) amount: money::Amount,
}

/// Stores one.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: &Carried) -> Result<(), Error> {
    let sql = "INSERT INTO member_carried (quota, period, amount) VALUES ($1, $2, $3)";
    let values =
        vec![row.quota.to_string().into(), row.period.clone().into(), row.amount.signed().into()];
    execute(db, sql, values).await.map(drop)
}

/// All of them: unmerging is rare.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Carried>, Error> {
    let sql = "SELECT quota, period, amount FROM member_carried";
    select(db, TABLE, sql, Vec::new(), |row| {
        let (period, amount) = (row.text("period")?, row.amount("amount")?);
        Ok(Carried { quota: row.parsed("quota")?, period, amount })
    })
    .await
}
