//! Rows of operators.

use super::{OperatorRecord, Role};
use records::rows::{Row, execute, select};
use records::{Error, Migrations};
use sea_orm::ConnectionTrait;
use types::Timestamp;

/// The table of operators, for `Records::open`.
pub const OPERATOR_MIGRATIONS: Migrations = Migrations {
    room: "operators",
    steps: &[("0001_operator", include_str!("0001_operator.sql"))],
};

const TABLE: &str = "operator";

fn read(row: &Row<'_>) -> Result<([u8; 32], OperatorRecord), Error> {
    let hash: Vec<u8> = row.optional("token_hash")?.unwrap_or_default();
    let hash = <[u8; 32]>::try_from(hash.as_slice()).map_err(|e| row.corrupt("token_hash", &e))?;
    let role = |word: &str| Role::from_code(word).ok_or_else(|| row.corrupt("roles", &word));
    let removed_at: Option<i64> = row.optional("removed_at")?;
    let record = OperatorRecord {
        name: row.text("name")?,
        roles: row.text("roles")?.split_whitespace().map(role).collect::<Result<_, _>>()?,
        created_at: row.moment("created_at")?,
        removed_at: removed_at.map(Timestamp::from_micros),
    };
    Ok((hash, record))
}

/// Stores an operator by the keyed hash of the token.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    operator: &OperatorRecord,
    hash: [u8; 32],
) -> Result<(), Error> {
    let roles: Vec<&str> = operator.roles.iter().map(|role| role.code()).collect();
    let sql = "INSERT INTO operator (name, token_hash, roles, created_at) VALUES ($1, $2, $3, $4)";
    let values = vec![
        operator.name.clone().into(),
        hash.to_vec().into(),
        roles.join(" ").into(),
        operator.created_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Removes an operator; whether there was one to be removed. The name stays taken: the audit log
/// names its holder for ever.
pub(super) async fn remove(
    db: &impl ConnectionTrait,
    name: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE operator SET removed_at = $2 WHERE name = $1 AND removed_at IS NULL";
    let values = vec![name.to_owned().into(), now.as_micros().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Every operator with the keyed hash of the token, the oldest first.
pub(super) async fn all(
    db: &impl ConnectionTrait,
) -> Result<Vec<([u8; 32], OperatorRecord)>, Error> {
    let sql = "SELECT name, token_hash, roles, created_at, removed_at FROM operator \
        ORDER BY created_at, name";
    select(db, TABLE, sql, Vec::new(), read).await
}
