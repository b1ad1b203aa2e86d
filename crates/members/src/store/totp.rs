//! Rows of authenticator apps.

use super::passwords::{read_tries, values_of_tries};
use super::users::blob;
use crate::model::lockout::Tries;
use records::Error;
use records::rows::{execute, select};
use sea_orm::ConnectionTrait;
use types::{Timestamp, UserId};

/// An app's secret as stored.
pub(crate) struct TotpRow {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed_at: Option<Timestamp>,
    /// The last step that was used.
    pub(crate) step: i64,
    pub(crate) tries: Tries,
}

/// The app of a user.
pub(crate) async fn get(db: &impl ConnectionTrait, user: UserId) -> Result<Option<TotpRow>, Error> {
    let sql = "SELECT secret, confirmed_at, step, taken, cleared, locks, locked_until \
        FROM member_totp WHERE user_id = $1";
    let found = select(db, "member_totp", sql, vec![user.to_string().into()], |row| {
        Ok(TotpRow {
            secret: blob(row, "secret")?,
            confirmed_at: row.optional("confirmed_at")?.map(Timestamp::from_micros),
            step: row.number("step")?,
            tries: read_tries(row)?,
        })
    });
    Ok(found.await?.pop())
}

/// How an app stands, without its secret.
pub(crate) struct TotpState {
    pub(crate) enrolled_at: Timestamp,
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) tries: Tries,
}

/// How the app of a user stands.
pub(crate) async fn state(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<TotpState>, Error> {
    let sql = "SELECT enrolled_at, confirmed_at, taken, cleared, locks, locked_until \
        FROM member_totp WHERE user_id = $1";
    let found = select(db, "member_totp", sql, vec![user.to_string().into()], |row| {
        Ok(TotpState {
            enrolled_at: row.moment("enrolled_at")?,
            confirmed_at: row.optional("confirmed_at")?.map(Timestamp::from_micros),
            tries: read_tries(row)?,
        })
    });
    Ok(found.await?.pop())
}

/// Stores a secret in place of one that waits to be confirmed; false if one is confirmed. The count
/// of tries and the steps that were used go on.
pub(crate) async fn enrol(
    db: &impl ConnectionTrait,
    user: UserId,
    secret: Vec<u8>,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "INSERT INTO member_totp \
        (user_id, secret, enrolled_at, step, taken, cleared, locks) VALUES ($1, $2, $3, 0, 0, 0, 0) \
        ON CONFLICT (user_id) DO UPDATE SET secret = $2, enrolled_at = $3 \
        WHERE member_totp.confirmed_at IS NULL";
    let values = vec![user.to_string().into(), secret.into(), now.as_micros().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Stores what a try changed.
pub(crate) async fn keep(
    db: &impl ConnectionTrait,
    user: UserId,
    tries: Tries,
    step: i64,
    confirmed_at: Option<Timestamp>,
) -> Result<(), Error> {
    let sql = "UPDATE member_totp SET taken = $2, cleared = $3, locks = $4, locked_until = $5, \
        step = $6, confirmed_at = $7 WHERE user_id = $1";
    let mut values = vec![user.to_string().into()];
    values.extend(values_of_tries(tries));
    values.push(step.into());
    values.push(confirmed_at.map(Timestamp::as_micros).into());
    execute(db, sql, values).await.map(drop)
}

/// Removes the app; whether there was one.
pub(crate) async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<bool, Error> {
    let sql = "DELETE FROM member_totp WHERE user_id = $1";
    Ok(execute(db, sql, vec![user.to_string().into()]).await? == 1)
}
