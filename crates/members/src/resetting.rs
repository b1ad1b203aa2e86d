//! A forgotten payment password is set anew: the person proves who they are afresh, and that the
//! user's phone is in their hand.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::class::Class;
use crate::model::code::CodePurpose;
use crate::model::organisation::OrganisationRefusal;
use crate::model::realname::RealNameClaim;
use crate::passwords::nonce_unknown;
use crate::proving::Evidence;
use crate::store::passwords::Known;
use crate::store::{checks, customers, passwords};
use money::Amount;
use records::audit;
use types::{Timestamp, UserId};

impl Members {
    /// What the new password's envelope is bound to.
    pub fn reset_password_binding() -> Binding {
        Binding { order: "password.reset".into(), amount: Amount::ZERO, payee: String::new() }
    }

    /// Sets a new payment password in place of a forgotten one; a lock falls with it. `code` is a
    /// one-time code for [`CodePurpose::PasswordReset`], whose subject is the user itself; the claim
    /// must be that of the user's customer, and is proved by as many channels as its class needs,
    /// asked anew. The code is looked at first, so that nobody without the phone learns or costs
    /// anything; it is used up whatever comes of the rest.
    ///
    /// # Errors
    /// `not_verified`, `user_of_organisation`, `password_not_set`; those of the envelope and `password_weak`; those of
    /// [`Members::check_code`]; those of the claim's forms, `realname_mismatch`,
    /// `realname_provider_down`, `class_insufficient`.
    pub async fn reset_payment_password(
        &self,
        user: UserId,
        claim: RealNameClaim,
        code: &str,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        let claim = self.check_claim(claim, now)?;
        let row = self.user_row(user).await?;
        if row.acts_for_organisation() {
            return Err(OrganisationRefusal::ActsForOne.into());
        }
        let customer = row.customer.ok_or(Error::NotVerified)?;
        if !row.has_password {
            return Err(Error::PasswordNotSet);
        }
        let binding = Self::reset_password_binding();
        let stored = self.new_password(user, envelope, &binding, now).await?;
        let subject = user.to_string();
        self.check_code(user, CodePurpose::PasswordReset, &subject, code, now).await?;
        let known = customers::get(self.db(), customer).await?;
        let known = known.filter(|c| c.identity == claim.identity);
        let known = known.ok_or(Error::RealNameMismatch)?;
        // Nothing that was known before counts.
        let evidence = Evidence::Since(now.plus_micros(1), envelope.nonce.0.clone());
        let wanted = known.class.unwrap_or(Class::I);
        let proof = self.prove(user, evidence, &claim, wanted, now).await?;
        let nonce = envelope.nonce.0.clone();
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !passwords::consume(txn, user, nonce, now).await? {
                    return Err(nonce_unknown());
                }
                checks::insert(txn, proof.rows).await?;
                passwords::replace(txn, Known::Password, user, stored, now).await?;
                let actor = user.to_string();
                let action = "member.password_reset";
                audit::append(txn, &actor, action, &actor, None, None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }
}
