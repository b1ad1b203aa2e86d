//! Rows of device keys and of the challenges given out for them.

use super::users::blob;
use crate::model::device_key::DeviceKey;
use crate::model::device_state::Integrity;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{DeviceKeyId, OrderId, Timestamp, UserId};
use webauthn::{Attestation, PublicKey, Seen};

const KEYS: &str = "member_device_key";
const CHALLENGES: &str = "member_device_challenge";
/// More than any institution lets a user have.
const MOST_READ: i64 = 1_000;

const COLUMNS: &str = "id, user_id, credential_id, public_key, counter, attestation, aaguid, \
    user_verified, backup_eligible, backed_up, name, device, integrity, reported_at, \
    created_at, last_used_at, marked_at";

/// A key with what checks its signatures.
pub(crate) struct KeyRow {
    pub(crate) key: DeviceKey,
    pub(crate) public_key: PublicKey,
}

/// A challenge that was given out.
pub(crate) struct ChallengeRow {
    pub(crate) user: UserId,
    /// The order it carries; none: it is for a new key.
    pub(crate) order: Option<OrderId>,
    pub(crate) challenge: [u8; 32],
    pub(crate) nonce: [u8; 32],
    /// The payee's page, where the browser is to show the payment.
    pub(crate) page: Option<String>,
    pub(crate) expires_at: Timestamp,
}

/// A column of exactly this many bytes.
fn fixed<const N: usize>(row: &Row<'_>, column: &str) -> Result<[u8; N], Error> {
    let bytes = blob(row, column)?;
    <[u8; N]>::try_from(bytes).map_err(|_| row.corrupt(column, &"another length"))
}

fn read(row: &Row<'_>) -> Result<KeyRow, Error> {
    let public_key: Vec<u8> = blob(row, "public_key")?;
    let public_key =
        PublicKey::read(&public_key).map_err(|fault| row.corrupt("public_key", &fault))?;
    let counter = row.number("counter")?;
    let key = DeviceKey {
        id: row.parsed("id")?,
        user: row.parsed("user_id")?,
        name: row.text("name")?,
        credential_id: blob(row, "credential_id")?,
        algorithm: public_key.algorithm(),
        counter: u32::try_from(counter).map_err(|e| row.corrupt("counter", &e))?,
        attestation: row.word("attestation", Attestation::of_word)?,
        aaguid: fixed(row, "aaguid")?,
        user_verified: row.number("user_verified")? != 0,
        backup_eligible: row.number("backup_eligible")? != 0,
        backed_up: row.number("backed_up")? != 0,
        device: row.optional("device")?,
        integrity: row.word("integrity", Integrity::of_word)?,
        reported_at: row.optional("reported_at")?.map(Timestamp::from_micros),
        created_at: row.moment("created_at")?,
        last_used_at: row.optional("last_used_at")?.map(Timestamp::from_micros),
        marked_at: row.optional("marked_at")?.map(Timestamp::from_micros),
    };
    Ok(KeyRow { key, public_key })
}

/// The keys of a user, oldest first.
pub(crate) async fn of_user(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<KeyRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM member_device_key WHERE user_id = $1 AND removed_at IS NULL \
        ORDER BY id LIMIT $2"
    );
    select(db, KEYS, &sql, vec![user.to_string().into(), MOST_READ.into()], read).await
}

/// One key.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: DeviceKeyId,
) -> Result<Option<KeyRow>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM member_device_key WHERE id = $1 AND removed_at IS NULL");
    Ok(select(db, KEYS, &sql, vec![id.to_string().into()], read).await?.pop())
}

/// The key of this id at its authenticator.
pub(crate) async fn by_credential(
    db: &impl ConnectionTrait,
    credential_id: &[u8],
) -> Result<Option<KeyRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM member_device_key WHERE credential_id = $1 AND removed_at IS NULL"
    );
    Ok(select(db, KEYS, &sql, vec![credential_id.to_vec().into()], read).await?.pop())
}

/// Stores a new key; false if its credential id is known, be it of a key that was removed.
pub(crate) async fn insert(db: &impl ConnectionTrait, row: KeyRow) -> Result<bool, Error> {
    let sql = format!(
        "INSERT INTO member_device_key ({COLUMNS}) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, NULL) \
        ON CONFLICT (credential_id) DO NOTHING"
    );
    let key = row.key;
    let values: Vec<Value> = vec![
        key.id.to_string().into(),
        key.user.to_string().into(),
        key.credential_id.into(),
        row.public_key.to_bytes().into(),
        i64::from(key.counter).into(),
        key.attestation.word().into(),
        key.aaguid.to_vec().into(),
        i64::from(key.user_verified).into(),
        i64::from(key.backup_eligible).into(),
        i64::from(key.backed_up).into(),
        key.name.into(),
        key.device.into(),
        key.integrity.word().into(),
        key.reported_at.map(Timestamp::as_micros).into(),
        key.created_at.as_micros().into(),
    ];
    Ok(execute(db, &sql, values).await? == 1)
}

/// Names a key.
pub(crate) async fn rename(
    db: &impl ConnectionTrait,
    id: DeviceKeyId,
    name: &str,
) -> Result<(), Error> {
    let sql = "UPDATE member_device_key SET name = $2 WHERE id = $1";
    execute(db, sql, vec![id.to_string().into(), name.into()]).await.map(drop)
}

/// Removes a key.
pub(crate) async fn remove(
    db: &impl ConnectionTrait,
    id: DeviceKeyId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE member_device_key SET removed_at = $2 WHERE id = $1";
    execute(db, sql, vec![id.to_string().into(), now.as_micros().into()]).await.map(drop)
}

/// Moves a key's counter on and keeps what the app reports of its device; false if the counter was
/// moved as far or farther meanwhile, or the key was removed. Silence takes nothing back, and a
/// device once compromised stays so, see [`Integrity::judged`].
pub(crate) async fn signed(
    db: &impl ConnectionTrait,
    id: DeviceKeyId,
    seen: Seen,
    reported: Integrity,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE member_device_key SET counter = $2, backed_up = $3, last_used_at = $4, \
        integrity = CASE WHEN integrity = 'compromised' OR $5 = 'unknown' \
        THEN integrity ELSE $5 END, \
        reported_at = CASE WHEN $5 = 'unknown' THEN reported_at ELSE $4 END \
        WHERE id = $1 AND removed_at IS NULL AND (counter < $2 OR (counter = 0 AND $2 = 0))";
    let values: Vec<Value> = vec![
        id.to_string().into(),
        i64::from(seen.counter).into(),
        i64::from(seen.backed_up).into(),
        now.as_micros().into(),
        reported.word().into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}

/// Marks a key as one that may have been copied; the first time stays.
pub(crate) async fn mark(
    db: &impl ConnectionTrait,
    id: DeviceKeyId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE member_device_key SET marked_at = $2 WHERE id = $1 AND marked_at IS NULL";
    execute(db, sql, vec![id.to_string().into(), now.as_micros().into()]).await.map(drop)
}

/// Stores a challenge in the place of the last one for the same use, and forgets those that ran
/// out.
pub(crate) async fn give(
    db: &impl ConnectionTrait,
    row: ChallengeRow,
    now: Timestamp,
) -> Result<(), Error> {
    // An hour's grace, in which an answer is told that it came too late.
    let old = "DELETE FROM member_device_challenge WHERE expires_at <= $1";
    execute(db, old, vec![now.plus_seconds(-3_600).as_micros().into()]).await?;
    let sql = "INSERT INTO member_device_challenge \
        (user_id, order_id, challenge, nonce, page, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (user_id, order_id) DO UPDATE SET challenge = excluded.challenge, \
        nonce = excluded.nonce, page = excluded.page, expires_at = excluded.expires_at";
    let values: Vec<Value> = vec![
        row.user.to_string().into(),
        row.order.map(|order| order.to_string()).unwrap_or_default().into(),
        row.challenge.to_vec().into(),
        row.nonce.to_vec().into(),
        row.page.into(),
        row.expires_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// A challenge that was given out and not used up.
pub(crate) async fn challenge(
    db: &impl ConnectionTrait,
    challenge: [u8; 32],
) -> Result<Option<ChallengeRow>, Error> {
    let sql = "SELECT user_id, order_id, challenge, nonce, page, expires_at \
        FROM member_device_challenge WHERE challenge = $1";
    let read = |row: &Row<'_>| {
        let order = row.text("order_id")?;
        let parsed =
            |text: &str| text.parse().map_err(|e: types::IdError| row.corrupt("order_id", &e));
        Ok(ChallengeRow {
            user: row.parsed("user_id")?,
            order: if order.is_empty() { None } else { Some(parsed(&order)?) },
            challenge: fixed(row, "challenge")?,
            nonce: fixed(row, "nonce")?,
            page: row.optional("page")?,
            expires_at: row.moment("expires_at")?,
        })
    };
    Ok(select(db, CHALLENGES, sql, vec![challenge.to_vec().into()], read).await?.pop())
}

/// Uses up a challenge; false if it was used up before.
pub(crate) async fn use_up(db: &impl ConnectionTrait, challenge: [u8; 32]) -> Result<bool, Error> {
    let sql = "DELETE FROM member_device_challenge WHERE challenge = $1";
    Ok(execute(db, sql, vec![challenge.to_vec().into()]).await? == 1)
}
