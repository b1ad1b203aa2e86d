//! Gesture passwords: set under the payment password, kept and locked as it is, but apart from it.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::gesture::{GestureRefusal, weakness};
use crate::passwords::nonce_unknown;
use crate::store::passwords::{self, Known};
use money::Amount;
use types::{Timestamp, UserId};
use zeroize::Zeroizing;

impl Members {
    /// What both envelopes are bound to when a gesture is set.
    pub fn set_gesture_binding() -> Binding {
        Binding { order: "gesture.set".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// What the password's envelope is bound to when the gesture is removed.
    pub fn remove_gesture_binding() -> Binding {
        Binding { order: "gesture.remove".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// What a gesture's envelope is bound to that opens the app.
    pub fn open_app_binding() -> Binding {
        Binding { order: "app.open".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// Sets the gesture, or another in its place, under the payment password. The gesture travels
    /// in an envelope as the password does: the digits of its points.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; `gesture_weak`; those of the envelope.
    pub async fn set_gesture(
        &self,
        user: UserId,
        password: &Envelope,
        gesture: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        let binding = Self::set_gesture_binding();
        let path = self.open_envelope(user, gesture, &binding, now)?;
        if let Some(reason) = weakness(std::str::from_utf8(&path).unwrap_or_default()) {
            return Err(GestureRefusal::Weak { reason }.into());
        }
        self.verify_payment_password(user, password, &binding, now).await?;
        let stored = self.inner.hasher.make(user, &secret(&path), self.random_bytes()).await?;
        let nonce = gesture.nonce.0.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !passwords::consume(txn, user, nonce, now).await? {
                    return Err(nonce_unknown());
                }
                let known = Known::Gesture;
                if !passwords::insert(txn, known, user, stored.clone(), now).await? {
                    passwords::replace(txn, known, user, stored, now).await?;
                }
                Ok::<_, Error>(())
            })
        });
        unit.await
    }

    /// Checks a gesture for one use: to open the app, or for a small amount. It counts as something
    /// the customer knows, and has a count of tries and a lock of its own.
    ///
    /// # Errors
    /// `gesture_wrong` (tries left), `gesture_locked` (until), `gesture_not_set`, `gesture_amount`
    /// (more than a gesture is enough for); those of the envelope, which count no try.
    pub async fn verify_gesture(
        &self,
        user: UserId,
        envelope: &Envelope,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<(), Error> {
        let most = self.inner.config.gesture_most;
        if binding.amount > most {
            return Err(GestureRefusal::Amount { most }.into());
        }
        let path = self.open_envelope(user, envelope, binding, now)?;
        let checked = self.verify_known(Known::Gesture, user, &secret(&path), envelope, now).await;
        checked.map_err(|error| match error {
            Error::PasswordWrong { left } => GestureRefusal::Wrong { left }.into(),
            Error::PasswordLocked { until } => GestureRefusal::Locked { until }.into(),
            Error::PasswordNotSet => GestureRefusal::NotSet.into(),
            other => other,
        })
    }

    /// Removes the gesture, under the payment password.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; `gesture_not_set`.
    pub async fn remove_gesture(
        &self,
        user: UserId,
        password: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.verify_payment_password(user, password, &Self::remove_gesture_binding(), now).await?;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let gone = passwords::remove(txn, Known::Gesture, user).await?;
                if gone { Ok(()) } else { Err(Error::from(GestureRefusal::NotSet)) }
            })
        });
        unit.await
    }
}

/// What is hashed: marked, so that a gesture's row is never a password's.
fn secret(path: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([b"gesture:", path].concat())
}
