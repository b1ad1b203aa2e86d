//! Rows of the freeze register.

use crate::model::freeze::{FreezeLevel, Lifted, RegisterEntry, Scope, Target};
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{RegisterEntryId, Timestamp};

const TABLE: &str = "member_register";
const COLUMNS: &str = "id, target, who, reason, document, level, scope, from_at, until_at, \
    lifted_at, lifted_by, lifted_reason";

fn read(row: &Row<'_>) -> Result<RegisterEntry, Error> {
    let lifted_at: Option<i64> = row.optional("lifted_at")?;
    let lifted = match lifted_at {
        Some(at) => Some(Lifted {
            at: Timestamp::from_micros(at),
            who: row.text("lifted_by")?,
            reason: row.text("lifted_reason")?,
        }),
        None => None,
    };
    Ok(RegisterEntry {
        id: row.parsed("id")?,
        target: row.word("target", Target::from_text)?,
        who: row.text("who")?,
        reason: row.text("reason")?,
        document: row.optional("document")?,
        level: row.word("level", FreezeLevel::from_code)?,
        scope: row.word("scope", Scope::from_code)?,
        from: row.moment("from_at")?,
        until: row.optional("until_at")?.map(Timestamp::from_micros),
        lifted,
    })
}

/// Stores an entry the book has not been told of yet.
pub(crate) async fn insert(db: &impl ConnectionTrait, entry: &RegisterEntry) -> Result<(), Error> {
    let sql = "INSERT INTO member_register \
        (id, target, who, reason, document, level, scope, from_at, until_at, told) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
    let values = vec![
        entry.id.to_string().into(),
        entry.target.to_string().into(),
        entry.who.clone().into(),
        entry.reason.clone().into(),
        entry.document.clone().into(),
        entry.level.code().into(),
        entry.scope.code().into(),
        entry.from.as_micros().into(),
        entry.until.map(Timestamp::as_micros).into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Lifts an entry; false if it was lifted before.
pub(crate) async fn lift(
    db: &impl ConnectionTrait,
    id: RegisterEntryId,
    lifted: &Lifted,
) -> Result<bool, Error> {
    let sql = "UPDATE member_register \
        SET lifted_at = $2, lifted_by = $3, lifted_reason = $4, told = 0 \
        WHERE id = $1 AND lifted_at IS NULL";
    let values = vec![
        id.to_string().into(),
        lifted.at.as_micros().into(),
        lifted.who.clone().into(),
        lifted.reason.clone().into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}

/// The book has been told of the entry as it stands, lifted or not. An entry that was lifted since
/// stays untold: what the book knows of it is the freeze.
pub(crate) async fn told(
    db: &impl ConnectionTrait,
    id: RegisterEntryId,
    lifted: bool,
) -> Result<(), Error> {
    let sql = "UPDATE member_register SET told = 1 WHERE id = $1 AND (lifted_at IS NOT NULL) = $2";
    execute(db, sql, vec![id.to_string().into(), lifted.into()]).await.map(drop)
}

/// The entry of this id.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: RegisterEntryId,
) -> Result<Option<RegisterEntry>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_register WHERE id = $1");
    Ok(select(db, TABLE, &sql, vec![id.to_string().into()], read).await?.pop())
}

/// The newest thousand entries on a target, newest first.
pub(crate) async fn of_target(
    db: &impl ConnectionTrait,
    target: Target,
) -> Result<Vec<RegisterEntry>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM member_register WHERE target = $1 ORDER BY id DESC LIMIT 1000"
    );
    select(db, TABLE, &sql, vec![Value::from(target.to_string())], read).await
}

/// Every entry that has not been lifted, and every one the book has not been told of. What is in
/// force at one time is few beside the users.
pub(crate) async fn open(db: &impl ConnectionTrait) -> Result<Vec<(RegisterEntry, bool)>, Error> {
    let sql = format!(
        "SELECT {COLUMNS}, told FROM member_register WHERE lifted_at IS NULL OR told = 0 ORDER BY id"
    );
    select(db, TABLE, &sql, Vec::new(), |row| Ok((read(row)?, row.number("told")? != 0))).await
}
