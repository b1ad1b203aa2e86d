//! The keys that payment passwords are sealed to: made, kept sealed, rotated, and used to open.
//!
//! The newest key of a suite is the one that is given out. It is rotated away when its time is over,
//! or on an operator's word. One that was still opens for a time of grace, as clients may hold its
//! public half; then it is erased.

use crate::error::Error;
use crate::keypad::{Binding, Envelope, OpenError, PrivateKey, PublicKeyInfo, Suite};
use crate::members::Members;
use crate::store::keypad_keys::{self, KeyRow};
use crate::store::place;
use records::{Records, Secrets, audit};
use std::sync::{Arc, PoisonError, RwLock};
use types::{Random, Text, Timestamp, UserId};
use zeroize::Zeroizing;

/// Keys in memory, oldest first.
pub(crate) struct KeypadKeys {
    keys: RwLock<Vec<Key>>,
    /// Held while a key is made, so that two callers do not make two.
    making: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Key {
    private: Arc<PrivateKey>,
    made_at: Timestamp,
    retired_at: Option<Timestamp>,
}

impl KeypadKeys {
    /// Reads the keys, erases those whose grace has ended, and makes the first one of the
    /// preferred suite.
    pub(crate) async fn load(
        records: &Records,
        secrets: &Secrets,
        random: &dyn Random,
        grace: i64,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let end = now.plus_seconds(grace.saturating_neg());
        let erase = records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(keypad_keys::erase(txn, end).await?) })
        });
        erase.await?;
        let mut keys = Vec::new();
        for row in keypad_keys::all(records.db()).await? {
            // A suite that this build does not offer rests until one does.
            let Some(suite) = Suite::offered(&row.suite) else { continue };
            let secret = secrets
                .unseal(&row.secret, &place("keypad_key.secret", &row.key_id))
                .map_err(|e| Error::fault("keypad_key.secret", &e))?;
            let private = PrivateKey::from_secret(suite, &secret)
                .map_err(|e| Error::fault("keypad_key.secret", &e))?;
            let (made_at, retired_at) = (row.made_at, row.retired_at);
            keys.push(Key { private: Arc::new(private), made_at, retired_at });
        }
        let ring = Self { keys: RwLock::new(keys), making: tokio::sync::Mutex::new(()) };
        if ring.newest(Suite::Hpke).is_none() {
            let private = PrivateKey::generate(Suite::Hpke, random);
            let private = Arc::new(private.map_err(|e| Error::fault("keypad", &e))?);
            let row = row(secrets, random, &private, now);
            let unit = records.write(move |txn| {
                Box::pin(async move { Ok::<_, Error>(keypad_keys::insert(txn, row).await?) })
            });
            unit.await?;
            ring.add(private, now);
        }
        Ok(ring)
    }

    fn newest(&self, suite: Suite) -> Option<PublicKeyInfo> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let of = |key: &&Key| key.retired_at.is_none() && key.private.info().suite == suite.name();
        keys.iter().rev().find(of).map(|key| key.private.info().clone())
    }

    fn add(&self, private: Arc<PrivateKey>, made_at: Timestamp) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.push(Key { private, made_at, retired_at: None });
    }

    /// The key that opens for this id now.
    fn opener(&self, key_id: &str, grace: i64, now: Timestamp) -> Option<Arc<PrivateKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let found = keys.iter().find(|key| key.private.info().key_id == key_id)?;
        let open = found.retired_at.is_none_or(|at| now < at.plus_seconds(grace));
        open.then(|| Arc::clone(&found.private))
    }

    /// Takes the place of all keys in use.
    fn replace(&self, new: Vec<Arc<PrivateKey>>, now: Timestamp) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys.iter_mut() {
            key.retired_at.get_or_insert(now);
        }
        keys.extend(new.into_iter().map(|private| Key { private, made_at: now, retired_at: None }));
    }

    /// Whether a key in use was made at this moment or before.
    fn is_in_use_since(&self, moment: Timestamp) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().any(|key| key.retired_at.is_none() && key.made_at <= moment)
    }

    /// Lets go of keys that were rotated away at `end` or before; whether there was one.
    fn forget(&self, end: Timestamp) -> bool {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let before = keys.len();
        keys.retain(|key| key.retired_at.is_none_or(|at| at > end));
        keys.len() < before
    }
}

fn row(secrets: &Secrets, random: &dyn Random, private: &PrivateKey, now: Timestamp) -> KeyRow {
    let info = private.info();
    let place = place("keypad_key.secret", &info.key_id);
    KeyRow {
        key_id: info.key_id.clone(),
        suite: info.suite.clone(),
        secret: secrets.seal(&private.secret(), &place, random),
        made_at: now,
        retired_at: None,
    }
}

impl Members {
    /// The key of the preferred suite that passwords are sealed to.
    pub fn password_public_key(&self) -> PublicKeyInfo {
        let newest = self.inner.keypad.newest(Suite::Hpke);
        newest.expect("loading made one, and a rotation puts another in its place")
    }

    /// The key of this suite that passwords are sealed to; the first of a suite is made when it is
    /// first asked for.
    ///
    /// # Errors
    /// `envelope_suite_unknown`.
    pub async fn password_key(&self, suite: &str, now: Timestamp) -> Result<PublicKeyInfo, Error> {
        let suite = Suite::offered(suite).ok_or_else(|| suite_unknown("suite"))?;
        if let Some(known) = self.inner.keypad.newest(suite) {
            return Ok(known);
        }
        let _turn = self.inner.keypad.making.lock().await;
        if let Some(known) = self.inner.keypad.newest(suite) {
            return Ok(known);
        }
        let private = self.make_key(suite).await?;
        let row = row(&self.inner.secrets, self.inner.random.as_ref(), &private, now);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(keypad_keys::insert(txn, row).await?) })
        });
        unit.await?;
        let info = private.info().clone();
        self.inner.keypad.add(private, now);
        Ok(info)
    }

    /// Rotates the keys if one has been in use for the configured time, and erases those whose
    /// grace has ended; whether they were rotated. Called from time to time.
    pub async fn keep_password_keys(&self, now: Timestamp) -> Result<bool, Error> {
        let keypad = &self.inner.keypad;
        let end = self.grace_end(now);
        if keypad.forget(end) {
            let unit = self.inner.records.write(move |txn| {
                Box::pin(async move { Ok::<_, Error>(keypad_keys::erase(txn, end).await?) })
            });
            unit.await?;
        }
        let period = i64::from(self.inner.config.keypad_rotate_seconds);
        let oldest = now.plus_seconds(period.saturating_neg());
        if !keypad.is_in_use_since(oldest) {
            return Ok(false);
        }
        let _turn = keypad.making.lock().await;
        // An operator may have been faster.
        if keypad.is_in_use_since(oldest) {
            self.rotate("system", now).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Puts a new key in the place of each that is in use, on an operator's word. The old ones
    /// open for the time of grace.
    pub async fn rotate_password_keys(
        &self,
        operator: &str,
        now: Timestamp,
    ) -> Result<Vec<PublicKeyInfo>, Error> {
        let _turn = self.inner.keypad.making.lock().await;
        self.rotate(operator, now).await
    }

    /// Keys that were rotated away at this moment or before open no longer.
    fn grace_end(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(i64::from(self.inner.config.keypad_grace_seconds).saturating_neg())
    }

    /// Rotates; its caller holds the turn.
    async fn rotate(&self, actor: &str, now: Timestamp) -> Result<Vec<PublicKeyInfo>, Error> {
        let mut made = Vec::new();
        for suite in Suite::OFFERED {
            if self.inner.keypad.newest(*suite).is_some() {
                made.push(self.make_key(*suite).await?);
            }
        }
        let (secrets, random) = (&self.inner.secrets, self.inner.random.as_ref());
        let rows: Vec<KeyRow> = made.iter().map(|key| row(secrets, random, key, now)).collect();
        let end = self.grace_end(now);
        let actor = actor.to_owned();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                keypad_keys::erase(txn, end).await?;
                keypad_keys::retire(txn, now).await?;
                let ids: Vec<String> = rows.iter().map(|row| row.key_id.clone()).collect();
                for row in rows {
                    keypad_keys::insert(txn, row).await?;
                }
                let after = serde_json::json!({ "keys": ids });
                let (action, what) = ("password_key.rotate", "password_key");
                audit::append(txn, &actor, action, what, None, Some(&after), now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await?;
        let infos = made.iter().map(|key| key.info().clone()).collect();
        self.inner.keypad.replace(made, now);
        Ok(infos)
    }

    async fn make_key(&self, suite: Suite) -> Result<Arc<PrivateKey>, Error> {
        let random = Arc::clone(&self.inner.random);
        // RSA computes for a while.
        let work = move || PrivateKey::generate(suite, random.as_ref());
        let made = tokio::task::spawn_blocking(work).await;
        let made = made.map_err(|e| Error::fault("keypad", &e))?;
        Ok(Arc::new(made.map_err(|e| Error::fault("keypad", &e))?))
    }

    /// Opens an envelope for exactly this use. Counts nothing and uses nothing up.
    ///
    /// # Errors
    /// `envelope_oversize`, `envelope_suite_unknown`, `envelope_key_unknown`, `envelope_expired`,
    /// `envelope_invalid`.
    pub(crate) fn open_envelope(
        &self,
        user: UserId,
        envelope: &Envelope,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        if envelope.is_oversize() {
            return Err(oversize());
        }
        Suite::offered(&envelope.suite).ok_or_else(|| suite_unknown("password"))?;
        let window = i64::from(self.inner.config.envelope_seconds);
        let age = now.as_millis().saturating_sub(envelope.sealed_at.as_millis()).saturating_abs();
        if age > window.saturating_mul(1_000) {
            let reason = Text::new(
                format!("the password was sealed more than {window} seconds from now"),
                format!("密码信封的时间与当前相差超过 {window} 秒"),
            );
            return Err(Error::Envelope { code: "envelope_expired", reason });
        }
        let grace = i64::from(self.inner.config.keypad_grace_seconds);
        let key = self.inner.keypad.opener(&envelope.key_id, grace, now);
        let key = key.ok_or_else(key_unknown)?;
        key.open(envelope, user, binding).map_err(|error| match error {
            OpenError::Oversize => oversize(),
            OpenError::OtherKey => key_unknown(),
            OpenError::Closed => Error::Envelope {
                code: "envelope_invalid",
                reason: Text::new(
                    "the envelope does not open for this user, order, amount and payee",
                    "密码信封与该用户、订单、金额或收款方不符",
                ),
            },
        })
    }
}

fn oversize() -> Error {
    Error::Envelope {
        code: "envelope_oversize",
        reason: Text::new("a part of the envelope is too long", "密码信封的某一部分过长"),
    }
}

fn suite_unknown(field: &'static str) -> Error {
    let offered = Suite::OFFERED.iter().map(|suite| suite.name()).collect::<Vec<_>>().join(", ");
    Error::invalid(
        field,
        "envelope_suite_unknown",
        format!("the suite is none of those offered: {offered}"),
        format!("加密套件不在支持范围内：{offered}"),
    )
}

fn key_unknown() -> Error {
    Error::Envelope {
        code: "envelope_key_unknown",
        reason: Text::new(
            "the envelope is not sealed to a key in use: fetch the key again",
            "密码信封所用公钥无效或已停用，请重新获取公钥",
        ),
    }
}
