//! Decisions as rows.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use types::{BusinessDate, DecisionId, OrderId, Timestamp};

use super::corrupt;
use crate::door::Stats;
use crate::{Decision, Event, Factor, Level, Listed, Outcome, Reason};
use records::Error;

const TABLE: &str = "risk_decision";
/// Rows of one INSERT: ten columns each, below the 32,766 variables `SQLite` takes.
const ROWS: usize = 500;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_decision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Vec<u8>,
    pub order_id: Option<Vec<u8>>,
    pub outcome: String,
    pub score: i64,
    pub fallback: bool,
    pub rules: String,
    pub version: String,
    pub event: String,
    pub detail: String,
    pub micros: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a decision holds besides its columns.
#[derive(Serialize, Deserialize)]
struct Detail {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    factors: Vec<Factor>,
    features: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    listed: BTreeMap<Listed, Level>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    passed_over: Vec<String>,
}

/// Writes decisions; those whose id is there stay as they are.
pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    decisions: &[Decision],
) -> Result<(), Error> {
    for some in decisions.chunks(ROWS) {
        let rows = some.iter().map(to_row).collect::<Result<Vec<_>, _>>()?;
        Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(txn).await?;
    }
    Ok(())
}

pub(crate) async fn by_id(
    db: &DatabaseConnection,
    id: DecisionId,
) -> Result<Option<Decision>, Error> {
    Entity::find_by_id(bytes(id)).one(db).await?.map(from_row).transpose()
}

pub(crate) async fn by_order(
    db: &DatabaseConnection,
    order: OrderId,
) -> Result<Option<Decision>, Error> {
    let order = order.as_u128().to_be_bytes().to_vec();
    let found = Entity::find().filter(Column::OrderId.eq(order)).order_by_asc(Column::Id);
    found.one(db).await?.map(from_row).transpose()
}

pub(crate) async fn recent(
    db: &DatabaseConnection,
    outcome: Option<Outcome>,
    before: Option<DecisionId>,
    limit: u64,
) -> Result<Vec<Decision>, Error> {
    let mut query = Entity::find();
    if let Some(outcome) = outcome {
        query = query.filter(Column::Outcome.eq(outcome.code()));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(bytes(before)));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

/// The moment of the newest event.
pub(crate) async fn newest_moment(db: &DatabaseConnection) -> Result<Option<Timestamp>, Error> {
    let newest = recent(db, None, None, 1).await?;
    Ok(newest.first().map(Decision::at))
}

/// Events after `id` in order of their moments, with the ids of their decisions.
pub(crate) async fn after(
    db: &DatabaseConnection,
    id: DecisionId,
    limit: u64,
) -> Result<Vec<(DecisionId, Event)>, Error> {
    #[derive(FromQueryResult)]
    struct Stored {
        id: Vec<u8>,
        event: String,
    }
    let rows: Vec<Stored> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Event])
        .filter(Column::Id.gt(bytes(id)))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_model()
        .all(db)
        .await?;
    let read = |row: Stored| Ok((to_id(&row.id)?, from_json(&row.event)?));
    rows.into_iter().map(read).collect()
}

pub(crate) async fn stats(db: &DatabaseConnection, date: BusinessDate) -> Result<Stats, Error> {
    #[derive(FromQueryResult)]
    struct Group {
        outcome: String,
        fallback: bool,
        rules: String,
        number: i64,
    }
    let groups: Vec<Group> = Entity::find()
        .select_only()
        .columns([Column::Outcome, Column::Fallback, Column::Rules])
        .column_as(Column::Id.count(), "number")
        .filter(Column::Id.gte(bytes(first_of(date.start()))))
        .filter(Column::Id.lt(bytes(first_of(date.next().start()))))
        .group_by(Column::Outcome)
        .group_by(Column::Fallback)
        .group_by(Column::Rules)
        .into_model()
        .all(db)
        .await?;
    let mut stats = Stats::default();
    let mut hits = BTreeMap::<String, u64>::new();
    for group in groups {
        let number = u64::try_from(group.number).unwrap_or_default();
        let outcome = Outcome::from_code(&group.outcome);
        let place = match outcome.ok_or_else(|| corrupt(TABLE, &group.outcome))? {
            Outcome::Accept => &mut stats.accepted,
            Outcome::StepUp => &mut stats.step_up,
            Outcome::Review => &mut stats.review,
            Outcome::Reject => &mut stats.rejected,
        };
        *place = place.saturating_add(number);
        if group.fallback {
            stats.fallback = stats.fallback.saturating_add(number);
        }
        for rule in group.rules.split(' ').filter(|r| !r.is_empty()) {
            let hit = hits.entry(rule.to_owned()).or_default();
            *hit = hit.saturating_add(number);
        }
    }
    stats.hits = hits.into_iter().collect();
    stats.hits.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(stats)
}

/// The smallest id an event of this moment can have.
pub(crate) fn first_of(at: Timestamp) -> DecisionId {
    let millis = u128::from(at.as_millis().max(0).unsigned_abs()) & 0xFFFF_FFFF_FFFF;
    DecisionId::from_u128(millis << 80)
}

fn bytes(id: DecisionId) -> Vec<u8> {
    id.as_u128().to_be_bytes().to_vec()
}

fn to_id(bytes: &[u8]) -> Result<DecisionId, Error> {
    let bytes = bytes.try_into().map_err(|_| corrupt(TABLE, "an id has not 16 bytes"))?;
    Ok(DecisionId::from_u128(u128::from_be_bytes(bytes)))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| corrupt(TABLE, e))
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| corrupt(TABLE, e))
}

fn to_row(decision: &Decision) -> Result<ActiveModel, Error> {
    let detail = Detail {
        reasons: decision.reasons.clone(),
        factors: decision.factors.clone(),
        features: decision.features.clone(),
        listed: decision.listed.clone(),
        passed_over: decision.passed_over.clone(),
    };
    let rules: Vec<&str> = decision.reasons.iter().map(|r| r.rule.as_str()).collect();
    Ok(ActiveModel {
        id: Set(bytes(decision.id)),
        order_id: Set(decision.event.order.map(|o| o.as_u128().to_be_bytes().to_vec())),
        outcome: Set(decision.outcome.code().to_owned()),
        score: Set(decision.score),
        fallback: Set(decision.fallback),
        rules: Set(rules.join(" ")),
        version: Set(decision.version.clone()),
        event: Set(to_json(&decision.event)?),
        detail: Set(to_json(&detail)?),
        micros: Set(i64::try_from(decision.micros).unwrap_or(i64::MAX)),
    })
}

fn from_row(row: Model) -> Result<Decision, Error> {
    let detail: Detail = from_json(&row.detail)?;
    let outcome = Outcome::from_code(&row.outcome);
    Ok(Decision {
        id: to_id(&row.id)?,
        event: from_json(&row.event)?,
        outcome: outcome.ok_or_else(|| corrupt(TABLE, &row.outcome))?,
        factors: detail.factors,
        score: row.score,
        reasons: detail.reasons,
        features: detail.features,
        listed: detail.listed,
        passed_over: detail.passed_over,
        version: row.version,
        fallback: row.fallback,
        micros: u64::try_from(row.micros).unwrap_or_default(),
    })
}
