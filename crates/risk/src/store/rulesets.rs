//! Every rule set that was ever in force, as text.

use sea_orm::Set;
use sea_orm::entity::prelude::*;
use types::Timestamp;

use records::Error;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_ruleset")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    pub features: String,
    pub rules: String,
    pub loaded_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps the texts of a version; what is kept stays.
pub(crate) async fn keep<C: ConnectionTrait>(
    txn: &C,
    version: String,
    features: String,
    rules: String,
    now: Timestamp,
) -> Result<(), Error> {
    let loaded_at = Set(now.as_micros());
    let row = ActiveModel {
        version: Set(version),
        features: Set(features),
        rules: Set(rules),
        loaded_at,
    };
    Entity::insert(row).on_conflict_do_nothing().exec_without_returning(txn).await?;
    Ok(())
}

/// The texts of a version: (features, rules).
pub(crate) async fn find(
    db: &DatabaseConnection,
    version: &str,
) -> Result<Option<(String, String)>, Error> {
    let row = Entity::find_by_id(version.to_owned()).one(db).await?;
    Ok(row.map(|row| (row.features, row.rules)))
}
