//! Payment passwords: set, change, verify; one-time values; the lock.

use crate::error::Error;
use crate::hasher::Stored;
use crate::keypad::{Binding, Envelope, Nonce};
use crate::members::Members;
use crate::model::id_number::IdNumber;
use crate::model::lockout::{LockPolicy, Place};
use crate::model::realname::IdType;
use crate::model::weak::{self, weakness};
use crate::store::passwords::Known;
use crate::store::{customers, passwords};
use money::Amount;
use sea_orm::DatabaseTransaction;
use types::{Text, Timestamp, UserId};

/// A try that has taken its place.
enum Taken {
    Look(Stored, Place),
    Locked(Timestamp),
    NotSet,
    NonceUnknown,
}

impl Members {
    /// What a first password's envelope is bound to.
    pub fn set_password_binding() -> Binding {
        Binding { order: "password.set".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// What both envelopes of a change are bound to, each with a one-time value of its own.
    pub fn change_password_binding() -> Binding {
        Binding { order: "password.change".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// Gives out a one-time value for one envelope of this user.
    pub async fn password_nonce(&self, user: UserId, now: Timestamp) -> Result<Nonce, Error> {
        let nonce = hex::encode(self.random_bytes::<16>());
        let given = nonce.clone();
        let expires_at = now.plus_seconds(i64::from(self.inner.config.envelope_seconds));
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                Ok::<_, Error>(passwords::give(txn, user, given, now, expires_at).await?)
            })
        });
        unit.await?;
        Ok(Nonce(nonce))
    }

    /// Sets the first payment password, sealed for [`Members::set_password_binding`].
    ///
    /// # Errors
    /// `password_already_set`, `password_weak`; `envelope_invalid`, `envelope_expired`,
    /// `nonce_unknown`.
    pub async fn set_payment_password(
        &self,
        user: UserId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.user_row(user).await?.has_password {
            return Err(Error::PasswordSet);
        }
        let binding = Self::set_password_binding();
        let stored = self.new_password(user, envelope, &binding, now).await?;
        let nonce = envelope.nonce.0.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !passwords::consume(txn, user, nonce, now).await? {
                    return Err(nonce_unknown());
                }
                let first = passwords::insert(txn, Known::Password, user, stored, now).await?;
                if first { Ok(()) } else { Err(Error::PasswordSet) }
            })
        });
        unit.await
    }

    /// Changes the payment password; `old` is checked, and counted, as any use of it is.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`] and [`Members::set_payment_password`].
    pub async fn change_payment_password(
        &self,
        user: UserId,
        old: &Envelope,
        new: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        let binding = Self::change_password_binding();
        self.verify_payment_password(user, old, &binding, now).await?;
        let stored = self.new_password(user, new, &binding, now).await?;
        let nonce = new.nonce.0.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !passwords::consume(txn, user, nonce, now).await? {
                    return Err(nonce_unknown());
                }
                Ok::<_, Error>(passwords::replace(txn, Known::Password, user, stored, now).await?)
            })
        });
        unit.await
    }

    /// Checks a payment password for one use. The try is counted before the password is looked
    /// at, see [`crate::model::lockout`].
    ///
    /// # Errors
    /// `password_wrong` (tries left), `password_locked` (until), `password_not_set`;
    /// `envelope_invalid` (sealed for another use, cut, altered), `envelope_expired`,
    /// `envelope_oversize`, `envelope_suite_unknown`, `envelope_key_unknown`,
    /// `nonce_unknown` (used before): these count no try.
    pub async fn verify_payment_password(
        &self,
        user: UserId,
        envelope: &Envelope,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<(), Error> {
        let password = self.open_envelope(user, envelope, binding, now)?;
        self.verify_known(Known::Password, user, &password, envelope, now).await
    }

    /// Uses the envelope's one-time value up, takes a place, looks, and gives the place back if
    /// the secret is right.
    pub(crate) async fn verify_known(
        &self,
        known: Known,
        user: UserId,
        secret: &[u8],
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        let nonce = envelope.nonce.0.clone();
        let policy = self.inner.config.password_lock.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { take(txn, known, user, nonce, &policy, now).await })
        });
        let (stored, place) = match unit.await? {
            Taken::Look(stored, place) => (stored, place),
            Taken::Locked(until) => return Err(Error::PasswordLocked { until }),
            Taken::NotSet => {
                // As long as with a password, so that nobody can measure who has one.
                self.inner.hasher.make(user, secret, [0; 16]).await?;
                return Err(Error::PasswordNotSet);
            }
            Taken::NonceUnknown => return Err(nonce_unknown()),
        };
        if !self.inner.hasher.matches(user, secret, &stored).await? {
            return Err(Error::PasswordWrong { left: place.left });
        }
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if let Some((_, mut tries)) = passwords::get(txn, known, user).await? {
                    tries.right(place);
                    passwords::count(txn, known, user, tries).await?;
                }
                Ok::<_, Error>(())
            })
        });
        unit.await
    }

    /// What is to be stored of a new password, if it may be one.
    pub(crate) async fn new_password(
        &self,
        user: UserId,
        envelope: &Envelope,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<Stored, Error> {
        let password = self.open_envelope(user, envelope, binding, now)?;
        let text = std::str::from_utf8(&password).unwrap_or_default();
        let row = self.user_row(user).await?;
        let phone = self.unseal("user.phone", &user, &row.phone)?;
        let identity = match row.customer {
            Some(customer) => self.identity_document(customer, now).await?,
            None => None,
        };
        // Both are read in the clear only to compare.
        let known = weak::Known { phone: Some(phone.expose()), identity: identity.as_ref() };
        if let Some(reason) = weakness(text, &known) {
            return Err(Error::PasswordWeak { reason });
        }
        self.inner.hasher.make(user, &password, self.random_bytes()).await
    }

    /// Refuses to take a document up beside a password that repeats it, set while the document was not
    /// known. The caller has had the document proved: nobody tries a stranger's password by it.
    ///
    /// # Errors
    /// `password_weak`: it has to be changed first.
    pub(crate) async fn refuse_guessable(
        &self,
        user: UserId,
        document: &IdNumber,
    ) -> Result<(), Error> {
        let known = passwords::get(self.db(), Known::Password, user).await?;
        let Some((stored, _)) = known else { return Ok(()) };
        for guess in weak::of_identity(document) {
            if self.inner.hasher.matches(user, guess.as_bytes(), &stored).await? {
                let reason = Text::new(
                    "the payment password repeats this document; change it first",
                    "支付密码与该证件号码或生日相同，请先修改支付密码",
                );
                return Err(Error::PasswordWeak { reason });
            }
        }
        Ok(())
    }

    async fn identity_document(
        &self,
        customer: types::CustomerId,
        now: Timestamp,
    ) -> Result<Option<IdNumber>, Error> {
        let Some(row) = customers::get(self.db(), customer).await? else { return Ok(None) };
        let number = self.unseal("customer.id_number", &customer, &row.id_number)?;
        let id_type = IdType::from_code(&row.id_type);
        Ok(id_type.and_then(|t| IdNumber::parse(t, &number, now.date()).ok()))
    }
}

/// Uses up the one-time value and takes a place. Answers as a value, not as an error: what it
/// counted must be kept.
async fn take(
    txn: &DatabaseTransaction,
    known: Known,
    user: UserId,
    nonce: String,
    policy: &LockPolicy,
    now: Timestamp,
) -> Result<Taken, Error> {
    if !passwords::consume(txn, user, nonce, now).await? {
        return Ok(Taken::NonceUnknown);
    }
    let Some((stored, mut tries)) = passwords::get(txn, known, user).await? else {
        return Ok(Taken::NotSet);
    };
    match tries.take(policy, now) {
        Err(until) => Ok(Taken::Locked(until)),
        Ok(place) => {
            passwords::count(txn, known, user, tries).await?;
            Ok(Taken::Look(stored, place))
        }
    }
}

pub(crate) fn nonce_unknown() -> Error {
    Error::Envelope {
        code: "nonce_unknown",
        reason: Text::new(
            "the envelope's one-time value was used before, has run out, or is not this user's",
            "密码信封的一次性随机数已使用、已过期或不属于该用户",
        ),
    }
}
