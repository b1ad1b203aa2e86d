//! Codes of an authenticator app: enrolled under the payment password, confirmed by a first code,
//! checked within a step of drift. A step that was used is never good again.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::code::{self, CodeRefusal};
use crate::model::totp::{self, NewTotp};
use crate::store::place;
use crate::store::totp::{self as rows, TotpRow};
use money::Amount;
use sea_orm::DatabaseTransaction;
use types::{Timestamp, UserId};

/// What a check came to. A value, not an error: what it counted must be kept.
type Checked = Result<(), CodeRefusal>;

impl Members {
    /// What the password's envelope is bound to when an app is enrolled.
    pub fn enrol_totp_binding() -> Binding {
        Binding { order: "totp.enrol".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// What the password's envelope is bound to when an app is removed.
    pub fn remove_totp_binding() -> Binding {
        Binding { order: "totp.remove".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// Makes a secret for the user's app; it counts once [`Members::confirm_totp`] has seen a code
    /// of it. One that waits is replaced. The secret is shown this once.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; `totp_already_set`.
    pub async fn enrol_totp(
        &self,
        user: UserId,
        password: &Envelope,
        now: Timestamp,
    ) -> Result<NewTotp, Error> {
        self.verify_payment_password(user, password, &Self::enrol_totp_binding(), now).await?;
        let secret = self.random_bytes::<{ totp::SECRET }>();
        let random = self.inner.random.as_ref();
        let sealed = self.inner.secrets.seal(&secret, &place("totp.secret", &user), random);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if rows::enrol(txn, user, sealed, now).await? {
                    Ok(())
                } else {
                    Err(Error::from(CodeRefusal::AppSet))
                }
            })
        });
        unit.await?;
        Ok(NewTotp::of(&secret, &user.to_string()))
    }

    /// Confirms an enrolment by its first code.
    ///
    /// # Errors
    /// Those of [`Members::check_totp`]; `totp_already_set`.
    pub async fn confirm_totp(
        &self,
        user: UserId,
        code: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.look(user, code, false, now).await
    }

    /// Checks a code and uses its step up.
    ///
    /// # Errors
    /// `code_malformed`, `totp_not_set`, `code_wrong` (tries left), `code_used`, `code_locked`.
    pub async fn check_totp(&self, user: UserId, code: &str, now: Timestamp) -> Result<(), Error> {
        self.look(user, code, true, now).await
    }

    /// Removes the app.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; `totp_not_set`.
    pub async fn remove_totp(
        &self,
        user: UserId,
        password: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.verify_payment_password(user, password, &Self::remove_totp_binding(), now).await?;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let gone = rows::remove(txn, user).await?;
                if gone { Ok(()) } else { Err(Error::from(CodeRefusal::AppNotSet)) }
            })
        });
        unit.await
    }

    async fn look(
        &self,
        user: UserId,
        code: &str,
        confirmed: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let given = code::number(code).ok_or(CodeRefusal::Malformed)?;
        let members = self.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { members.try_totp(txn, user, given, confirmed, now).await })
        });
        let checked: Checked = unit.await?;
        Ok(checked?)
    }

    /// Looks, counts and uses up in one unit, so that of two tries with one code one is right.
    async fn try_totp(
        &self,
        txn: &DatabaseTransaction,
        user: UserId,
        given: u32,
        confirmed: bool,
        now: Timestamp,
    ) -> Result<Checked, Error> {
        let Some(mut row) = rows::get(txn, user).await? else {
            return Ok(Err(CodeRefusal::AppNotSet));
        };
        match (confirmed, row.confirmed_at.is_some()) {
            (true, false) => return Ok(Err(CodeRefusal::AppNotSet)),
            (false, true) => return Ok(Err(CodeRefusal::AppSet)),
            _ => {}
        }
        let taken = match row.tries.take(&self.inner.config.password_lock, now) {
            Ok(taken) => taken,
            Err(until) => return Ok(Err(CodeRefusal::Locked { until })),
        };
        let secret = self.inner.secrets.unseal(&row.secret, &place("totp.secret", &user));
        let secret = secret.map_err(|e| Error::fault("totp.secret", &e))?;
        let checked = match totp::step_of(&secret, given, now) {
            None => Err(CodeRefusal::Wrong { left: taken.left }),
            Some(step) if step <= row.step => Err(CodeRefusal::Used),
            Some(step) => {
                row.tries.right(taken);
                row.confirmed_at.get_or_insert(now);
                row.step = step;
                Ok(())
            }
        };
        let TotpRow { tries, step, confirmed_at, .. } = row;
        rows::keep(txn, user, tries, step, confirmed_at).await?;
        Ok(checked)
    }
}
