//! List entries as rows.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Condition, QueryOrder, QuerySelect, Set};
use types::Timestamp;

use super::corrupt;
use crate::{Level, ListEntry, Listed};
use records::Error;

const TABLE: &str = "risk_list";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_list")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub listed: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    pub level: String,
    pub source: String,
    pub reason: String,
    pub expires_at: Option<i64>,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// Writes an entry over the one on the same value, which it returns.
pub(crate) async fn put<C: ConnectionTrait>(
    txn: &C,
    entry: &ListEntry,
) -> Result<Option<ListEntry>, Error> {
    let key = (entry.listed.code().to_owned(), entry.value.clone());
    let before = Entity::find_by_id(key).one(txn).await?.map(from_row).transpose()?;
    let row = ActiveModel {
        listed: Set(entry.listed.code().to_owned()),
        value: Set(entry.value.clone()),
        level: Set(entry.level.code().to_owned()),
        source: Set(entry.source.clone()),
        reason: Set(entry.reason.clone()),
        expires_at: Set(entry.expires_at.map(Timestamp::as_micros)),
        created_at: Set(entry.created_at.as_micros()),
    };
    let replace = OnConflict::columns([Column::Listed, Column::Value])
        .update_columns([
            Column::Level,
            Column::Source,
            Column::Reason,
            Column::ExpiresAt,
            Column::CreatedAt,
        ])
        .to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;
    Ok(before)
}

/// Removes an entry and returns it.
pub(crate) async fn delete<C: ConnectionTrait>(
    txn: &C,
    listed: Listed,
    value: &str,
) -> Result<Option<ListEntry>, Error> {
    let key = (listed.code().to_owned(), value.to_owned());
    let Some(row) = Entity::find_by_id(key.clone()).one(txn).await? else { return Ok(None) };
    Entity::delete_by_id(key).exec(txn).await?;
    from_row(row).map(Some)
}

/// The entry on a value.
pub(crate) async fn entry<C: ConnectionTrait>(
    db: &C,
    listed: Listed,
    value: &str,
) -> Result<Option<ListEntry>, Error> {
    let key = (listed.code().to_owned(), value.to_owned());
    Entity::find_by_id(key).one(db).await?.map(from_row).transpose()
}

/// Entries behind `after` in order of element and value.
pub(crate) async fn page(
    db: &DatabaseConnection,
    after: Option<&(Listed, String)>,
    limit: u64,
) -> Result<Vec<ListEntry>, Error> {
    let mut query = Entity::find();
    if let Some((listed, value)) = after {
        let same = Condition::all()
            .add(Column::Listed.eq(listed.code()))
            .add(Column::Value.gt(value.as_str()));
        query = query.filter(Condition::any().add(Column::Listed.gt(listed.code())).add(same));
    }
    let rows =
        query.order_by_asc(Column::Listed).order_by_asc(Column::Value).limit(limit).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: Model) -> Result<ListEntry, Error> {
    let listed = Listed::from_code(&row.listed);
    let level = Level::from_code(&row.level);
    Ok(ListEntry {
        listed: listed.ok_or_else(|| corrupt(TABLE, &row.listed))?,
        value: row.value,
        level: level.ok_or_else(|| corrupt(TABLE, &row.level))?,
        source: row.source,
        reason: row.reason,
        expires_at: row.expires_at.map(Timestamp::from_micros),
        created_at: Timestamp::from_micros(row.created_at),
    })
}
