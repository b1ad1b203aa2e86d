//! Password-free (免密) and withholding (代扣) agreements: made, ended, looked up.

use crate::error::Error;
use crate::keypad::{Binding, Envelope};
use crate::limits::QuotaLeg;
use crate::members::{Members, to_the_end};
use crate::model::agreement::{Agreement, AgreementKind};
use crate::model::regulation::Per;
use crate::quotas::Limit;
use crate::store::agreements;
use money::Amount;
use types::{MerchantId, Timestamp, UserId};

impl Members {
    /// Makes, or replaces, a user's password-free agreement with a merchant, on a word that the user
    /// has given where it signed in and saw the limits; a merchant's own word is none, see
    /// [`Members::agree_by_password`].
    ///
    /// # Errors
    /// `agreement_limit_invalid` unless 0 < `per_order` <= `per_day`; `user_not_found`,
    /// `not_verified`, `merchant_not_found`.
    pub async fn agree_password_free(
        &self,
        user: UserId,
        merchant: MerchantId,
        per_order: Amount,
        per_day: Amount,
        now: Timestamp,
    ) -> Result<(), Error> {
        let kind = AgreementKind::PasswordFree;
        self.agree(Agreement { kind, user, merchant, per_order, per_day, agreed_at: now }).await
    }

    /// What the payer's password is bound to under which it agrees: the order's limit stands behind
    /// the purpose, the day's where an order's amount does. No order's number has a blank.
    pub fn agreement_binding(
        kind: AgreementKind,
        merchant: MerchantId,
        (per_order, per_day): (Amount, Amount),
    ) -> Binding {
        let purpose = match kind {
            AgreementKind::PasswordFree => "agreement.password-free",
            AgreementKind::Withholding => "agreement.withholding",
        };
        let (order, payee) = (format!("{purpose} {per_order}"), merchant.to_string());
        Binding { order, amount: per_day, payee }
    }

    /// Makes, or replaces, an agreement that a merchant brings. It will take money by it without
    /// the payer, so the payer's password stands for the payer's word.
    ///
    /// # Errors
    /// Those of [`Members::agree_password_free`] and [`Members::verify_payment_password`].
    pub async fn agree_by_password(
        &self,
        agreement: Agreement,
        password: &Envelope,
    ) -> Result<(), Error> {
        self.check_agreement(&agreement).await?;
        let Agreement { kind, user, merchant, per_order, per_day, agreed_at } = agreement;
        let binding = Self::agreement_binding(kind, merchant, (per_order, per_day));
        self.verify_payment_password(user, password, &binding, agreed_at).await?;
        self.agree(agreement).await
    }

    async fn check_agreement(&self, agreement: &Agreement) -> Result<(), Error> {
        if agreement.per_order.is_zero() || agreement.per_order > agreement.per_day {
            let en = "an order's limit is above zero and at most the day's";
            let zh = "单笔限额须大于零且不超过单日限额";
            return Err(Error::invalid("per_order_minor", "agreement_limit_invalid", en, zh));
        }
        self.payer(agreement.user).await?.account.ok_or(Error::NotVerified)?;
        self.merchant(agreement.merchant).ok_or(Error::NotFound { what: "merchant" })?;
        Ok(())
    }

    async fn agree(&self, agreement: Agreement) -> Result<(), Error> {
        self.check_agreement(&agreement).await?;
        let members = self.clone();
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move { Ok::<_, Error>(agreements::put(txn, agreement).await?) })
            });
            unit.await?;
            let key = (agreement.user, agreement.merchant, agreement.kind);
            members.inner.agreements.forget(&key);
            Ok(())
        })
        .await
    }

    /// The agreement in force; cached.
    pub async fn agreement(
        &self,
        kind: AgreementKind,
        user: UserId,
        merchant: MerchantId,
    ) -> Result<Option<Agreement>, Error> {
        let key = (user, merchant, kind);
        let generation = match self.inner.agreements.get(&key) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let found = agreements::get(self.db(), kind, user, merchant).await?;
        self.inner.agreements.keep(generation, key, found);
        Ok(found)
    }

    /// Ends an agreement; nothing happens if there is none.
    pub async fn revoke_agreement(
        &self,
        kind: AgreementKind,
        user: UserId,
        merchant: MerchantId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let members = self.clone();
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move {
                    Ok::<_, Error>(agreements::revoke(txn, kind, user, merchant, now).await?)
                })
            });
            unit.await?;
            members.inner.agreements.forget(&(user, merchant, kind));
            Ok(())
        })
        .await
    }

    /// Checks `amount` against the agreement's order limit and returns the day's quota, ready to
    /// be used. Each kind has a day's quota of its own.
    ///
    /// # Errors
    /// `agreement_missing`, or `limit_exceeded` with the limit `agreement_order`.
    pub async fn agreement_quota(
        &self,
        kind: AgreementKind,
        user: UserId,
        merchant: MerchantId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<QuotaLeg, Error> {
        let agreement = self.agreement(kind, user, merchant).await?.ok_or(Error::NoAgreement)?;
        if amount > agreement.per_order {
            return Err(Error::LimitExceeded {
                code: "agreement_order",
                limit: agreement.per_order,
                used: Amount::ZERO,
                left: agreement.per_order,
                resets_at: None,
            });
        }
        let (holder, limit) = self.day_limit_of(&agreement);
        self.prepare(&holder, limit, now).await
    }

    /// How much of an agreement's day is used or held.
    pub(crate) fn agreement_used(
        &self,
        agreement: &Agreement,
        now: Timestamp,
    ) -> Result<Amount, Error> {
        let (holder, limit) = self.day_limit_of(agreement);
        self.used(&holder, limit, now)
    }

    /// The day's limit of an agreement, and whose it is.
    fn day_limit_of(&self, agreement: &Agreement) -> (String, Limit) {
        let code = match agreement.kind {
            AgreementKind::PasswordFree => "agreement_day",
            AgreementKind::Withholding => "withholding_day",
        };
        let asset = self.inner.quotas.assets.free_day;
        let limit = Limit { code, asset, most: agreement.per_day, per: Per::Day };
        (format!("{}|{}", agreement.user, agreement.merchant), limit)
    }
}
