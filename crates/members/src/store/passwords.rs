//! Rows of payment and gesture passwords, their tries, and the one-time values given out for them.

use super::users::blob;
use crate::hasher::{HashCost, Stored};
use crate::model::lockout::Tries;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{Timestamp, UserId};

/// A secret that is kept in the mind; each kind has a table of the same shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Password,
    Gesture,
}

impl Known {
    const fn table(self) -> &'static str {
        match self {
            Self::Password => "member_password",
            Self::Gesture => "member_gesture",
        }
    }
}

fn read(row: &Row<'_>) -> Result<(Stored, Tries), Error> {
    let small = |column| u32::try_from(row.number(column)?).map_err(|e| row.corrupt(column, &e));
    let stored = Stored {
        salt: blob(row, "salt")?,
        hash: blob(row, "hash")?,
        cost: HashCost {
            memory_kib: small("memory_kib")?,
            passes: small("passes")?,
            lanes: small("lanes")?,
        },
    };
    Ok((stored, read_tries(row)?))
}

/// The count of tries of a row.
pub(crate) fn read_tries(row: &Row<'_>) -> Result<Tries, Error> {
    Ok(Tries {
        taken: row.number("taken")?.unsigned_abs(),
        cleared: row.number("cleared")?.unsigned_abs(),
        locks: u32::try_from(row.number("locks")?).map_err(|e| row.corrupt("locks", &e))?,
        locked_until: row.optional("locked_until")?.map(Timestamp::from_micros),
    })
}

/// `taken`, `cleared`, `locks`, `locked_until`.
pub(crate) fn values_of_tries(tries: Tries) -> [Value; 4] {
    let number = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
    [
        number(tries.taken),
        number(tries.cleared),
        i64::from(tries.locks).into(),
        tries.locked_until.map(Timestamp::as_micros).into(),
    ]
}

/// The secret of a user.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
) -> Result<Option<(Stored, Tries)>, Error> {
    let table = known.table();
    let sql = format!(
        "SELECT salt, hash, memory_kib, passes, lanes, taken, cleared, locks, locked_until \
        FROM {table} WHERE user_id = $1"
    );
    Ok(select(db, table, &sql, vec![user.to_string().into()], read).await?.pop())
}

/// When the secret of a user was set, and its tries: without the secret.
pub(crate) async fn state(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
) -> Result<Option<(Timestamp, Tries)>, Error> {
    let table = known.table();
    let sql = format!(
        "SELECT taken, cleared, locks, locked_until, set_at FROM {table} WHERE user_id = $1"
    );
    let found = select(db, table, &sql, vec![user.to_string().into()], |row| {
        Ok((row.moment("set_at")?, read_tries(row)?))
    });
    Ok(found.await?.pop())
}

/// Stores a first secret; false if there is one.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
    stored: Stored,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = format!(
        "INSERT INTO {} \
        (user_id, salt, hash, memory_kib, passes, lanes, set_at, taken, cleared, locks) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0) ON CONFLICT (user_id) DO NOTHING",
        known.table()
    );
    Ok(execute(db, &sql, values_of(user, stored, now)).await? == 1)
}

/// Replaces a secret; the count of tries begins anew.
pub(crate) async fn replace(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
    stored: Stored,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET salt = $2, hash = $3, memory_kib = $4, passes = $5, \
        lanes = $6, set_at = $7, cleared = taken, locks = 0, locked_until = NULL \
        WHERE user_id = $1",
        known.table()
    );
    execute(db, &sql, values_of(user, stored, now)).await.map(drop)
}

/// Forgets a secret; whether there was one.
pub(crate) async fn remove(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
) -> Result<bool, Error> {
    let sql = format!("DELETE FROM {} WHERE user_id = $1", known.table());
    Ok(execute(db, &sql, vec![user.to_string().into()]).await? == 1)
}

fn values_of(user: UserId, stored: Stored, now: Timestamp) -> Vec<Value> {
    vec![
        user.to_string().into(),
        stored.salt.into(),
        stored.hash.into(),
        i64::from(stored.cost.memory_kib).into(),
        i64::from(stored.cost.passes).into(),
        i64::from(stored.cost.lanes).into(),
        now.as_micros().into(),
    ]
}

/// Stores the count of tries.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    known: Known,
    user: UserId,
    tries: Tries,
) -> Result<(), Error> {
    let sql = format!(
        "UPDATE {} SET taken = $2, cleared = $3, locks = $4, locked_until = $5 WHERE user_id = $1",
        known.table()
    );
    let mut values = vec![user.to_string().into()];
    values.extend(values_of_tries(tries));
    execute(db, &sql, values).await.map(drop)
}

/// Stores a one-time value, and forgets those that have run out.
pub(crate) async fn give(
    db: &impl ConnectionTrait,
    user: UserId,
    nonce: String,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    // An hour's grace: callers' moments may lie apart, and what has expired is refused anyway.
    let old = "DELETE FROM member_nonce WHERE expires_at <= $1";
    execute(db, old, vec![now.plus_seconds(-3_600).as_micros().into()]).await?;
    let sql = "INSERT INTO member_nonce (nonce, user_id, expires_at) VALUES ($1, $2, $3)";
    let values = vec![nonce.into(), user.to_string().into(), expires_at.as_micros().into()];
    execute(db, sql, values).await.map(drop)
}

/// Uses up a one-time value; false if it was not given to this user, has run out, or is used.
pub(crate) async fn consume(
    db: &impl ConnectionTrait,
    user: UserId,
    nonce: String,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "DELETE FROM member_nonce WHERE nonce = $1 AND user_id = $2 AND expires_at > $3";
    let values = vec![nonce.into(), user.to_string().into(), now.as_micros().into()];
    Ok(execute(db, sql, values).await? == 1)
}
