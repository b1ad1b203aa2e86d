//! Rows of ledger keys.

use super::{LedgerKey, Reach, Scope};
use ledger::GlCode;
use records::rows::{Row, execute, select};
use records::{Error, Migrations};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use types::Timestamp;

/// The table of ledger keys, for `Records::open`.
pub const LEDGER_MIGRATIONS: Migrations = Migrations {
    room: "ledger_api",
    steps: &[("0001_ledger_key", include_str!("0001_ledger_key.sql"))],
};

const TABLE: &str = "ledger_key";

fn words<T: Ord>(
    row: &Row<'_>,
    column: &str,
    text: &str,
    of: impl Fn(&str) -> Option<T>,
) -> Result<BTreeSet<T>, Error> {
    let read = |word: &str| of(word).ok_or_else(|| row.corrupt(column, &word.to_owned()));
    text.split_whitespace().map(read).collect()
}

fn read(row: &Row<'_>) -> Result<([u8; 32], LedgerKey), Error> {
    let hash: Vec<u8> = row.optional("key_hash")?.unwrap_or_default();
    let hash = <[u8; 32]>::try_from(hash.as_slice()).map_err(|e| row.corrupt("key_hash", &e))?;
    let leaves: Option<String> = row.optional("leaves")?;
    let reach = match leaves {
        None => Reach::WholeBook,
        Some(text) => {
            let leaf = |word: &str| word.parse().ok().map(GlCode);
            Reach::Leaves(words(row, "leaves", &text, leaf)?)
        }
    };
    let revoked_at: Option<i64> = row.optional("revoked_at")?;
    let key = LedgerKey {
        name: row.text("name")?,
        scopes: words(row, "scopes", &row.text("scopes")?, Scope::from_code)?,
        reach,
        created_at: row.moment("created_at")?,
        revoked_at: revoked_at.map(Timestamp::from_micros),
    };
    Ok((hash, key))
}

/// Stores a key by its keyed hash.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    key: &LedgerKey,
    hash: [u8; 32],
) -> Result<(), Error> {
    let joined = |words: Vec<String>| words.join(" ");
    let scopes = joined(key.scopes.iter().map(|scope| scope.code().to_owned()).collect());
    let leaves = match &key.reach {
        Reach::WholeBook => None,
        Reach::Leaves(leaves) => Some(joined(leaves.iter().map(GlCode::to_string).collect())),
    };
    let sql = "INSERT INTO ledger_key (name, key_hash, scopes, leaves, created_at) \
        VALUES ($1, $2, $3, $4, $5)";
    let values = vec![
        key.name.clone().into(),
        hash.to_vec().into(),
        scopes.into(),
        leaves.into(),
        key.created_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Revokes a key; whether there was one to be revoked.
pub(super) async fn revoke(
    db: &impl ConnectionTrait,
    name: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE ledger_key SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL";
    let values = vec![name.to_owned().into(), now.as_micros().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Every key with its keyed hash, the oldest first.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<([u8; 32], LedgerKey)>, Error> {
    let sql = "SELECT name, key_hash, scopes, leaves, created_at, revoked_at FROM ledger_key \
        ORDER BY created_at, name";
    select(db, TABLE, sql, Vec::new(), read).await
}
