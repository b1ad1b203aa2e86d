//! Primary and secondary users (主副用户): made, ended, and the orders that a primary opens.
//!
//! A primary opens an order of a secondary by its own payment password, which it seals as itself:
//! its own user, a one-time value of its own, and beside the order the secondary, so that what it
//! sealed for one of its own orders opens none of another's. A wrong one is counted, and locks, where
//! the password is: at the primary. The order stays the secondary's in everything.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::members::Members;
use crate::model::people::Standing;
use crate::model::secondary::{Secondary, SecondaryRefusal, Side, may_link};
use crate::store::passwords::Known;
use crate::store::{secondaries, users};
use money::Amount;
use records::audit;
use sea_orm::DatabaseTransaction;
use types::{Timestamp, UserId};

impl Members {
    /// What the primary's envelope is bound to under which `user` becomes its secondary.
    pub fn secondary_binding(user: UserId) -> Binding {
        let (order, payee) = ("member.secondary".to_owned(), user.to_string());
        Binding { order, amount: Amount::ZERO, payee }
    }

    /// What a primary's envelope for an order of its secondary `user` is bound to, if `own` is what
    /// the secondary's would be. No order's number has a blank.
    pub fn primary_binding(user: UserId, own: &Binding) -> Binding {
        Binding { order: format!("{} {user}", own.order), ..own.clone() }
    }

    /// Makes `user` a secondary of `primary`, on the word of the primary's payment password.
    /// Nothing happens if it is one already.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`]; then `primary_barred`,
    /// `secondary_other_customer` (also if there is no such user), `secondary_has_primary`,
    /// `secondary_chain`, `secondaries_exceeded`.
    pub async fn make_secondary(
        &self,
        user: UserId,
        primary: UserId,
        password: &Envelope,
        now: Timestamp,
    ) -> Result<(), Error> {
        let binding = Self::secondary_binding(user);
        self.verify_payment_password(primary, password, &binding, now).await?;
        if self.standing(primary, now).await? != Standing::Active {
            return Err(SecondaryRefusal::Barred.into());
        }
        let (new, most) =
            (Secondary { user, primary, since: now }, self.inner.config.most_secondaries);
        let unit = self
            .inner
            .records
            .write(move |txn| Box::pin(async move { link(txn, new, most).await }));
        unit.await
    }

    /// Ends what `user` is to its primary. `by` is one of the two.
    ///
    /// # Errors
    /// `primary_not_set` if `by` is neither the user nor its primary, or it has none.
    pub async fn end_secondary(
        &self,
        user: UserId,
        by: UserId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let primary = secondaries::primary(txn, user).await?;
                let primary = primary.filter(|primary| by == user || by == *primary);
                let primary = primary.ok_or(SecondaryRefusal::NotSet)?;
                secondaries::remove(txn, user).await?;
                let before = serde_json::json!({ "primary": primary });
                let (actor, subject) = (by.to_string(), user.to_string());
                let action = "member.secondary_end";
                audit::append(txn, &actor, action, &subject, Some(&before), None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }

    /// Checks the payment password for an order of this user: its own, or that of its primary,
    /// sealed for [`Members::primary_binding`]. Whose it was; a primary's is written into the audit
    /// log.
    ///
    /// # Errors
    /// Those of [`Members::verify_payment_password`], counted and locked at whose it is;
    /// `primary_barred`, which counts no try.
    pub async fn verify_order_password(
        &self,
        user: UserId,
        envelope: &Envelope,
        binding: &Binding,
        now: Timestamp,
    ) -> Result<UserId, Error> {
        let own = match self.verify_payment_password(user, envelope, binding, now).await {
            Ok(()) => return Ok(user),
            // Not sealed by this user for this order: perhaps by its primary.
            Err(own @ Error::Envelope { code: "envelope_invalid", .. }) => own,
            Err(other) => return Err(other),
        };
        let Some(primary) = self.primary_of(user).await? else { return Err(own) };
        let sealed = Self::primary_binding(user, binding);
        let password = self.open_envelope(primary, envelope, &sealed, now)?;
        if self.standing(primary, now).await? != Standing::Active {
            return Err(SecondaryRefusal::Barred.into());
        }
        self.verify_known(Known::Password, primary, &password, envelope, now).await?;
        self.note_opened(primary, user, binding.clone(), now).await?;
        Ok(primary)
    }

    /// The primary of a user, as long as both hang under one customer.
    async fn primary_of(&self, user: UserId) -> Result<Option<UserId>, Error> {
        let Some(primary) = secondaries::primary(self.db(), user).await? else { return Ok(None) };
        let customer = self.payer(user).await?.customer;
        let same = customer.is_some() && self.payer(primary).await?.customer == customer;
        Ok(same.then_some(primary))
    }

    async fn note_opened(
        &self,
        primary: UserId,
        user: UserId,
        order: Binding,
        now: Timestamp,
    ) -> Result<(), Error> {
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                let after = serde_json::json!({
                    "order": order.order, "amount": order.amount, "payee": order.payee,
                });
                let (actor, subject) = (primary.to_string(), user.to_string());
                let action = "member.primary_opened";
                audit::append(txn, &actor, action, &subject, None, Some(&after), now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await
    }
}

/// Units run one after another: what is counted here still holds when it is written.
async fn link(txn: &DatabaseTransaction, new: Secondary, most: u32) -> Result<(), Error> {
    let (primary, secondary) = (side(txn, new.primary).await?, side(txn, new.user).await?);
    if !may_link(primary, secondary, most)? {
        return Ok(());
    }
    secondaries::insert(txn, new).await?;
    let after = serde_json::json!({ "primary": new.primary });
    let (actor, subject) = (new.primary.to_string(), new.user.to_string());
    let action = "member.secondary";
    audit::append(txn, &actor, action, &subject, None, Some(&after), new.since).await?;
    Ok(())
}

/// One who does not exist has no customer, and is refused as that.
async fn side(txn: &DatabaseTransaction, user: UserId) -> Result<Side, Error> {
    Ok(Side {
        user,
        customer: users::get(txn, user).await?.and_then(|row| row.customer),
        primary: secondaries::primary(txn, user).await?,
        secondaries: secondaries::count(txn, user).await?,
    })
}
