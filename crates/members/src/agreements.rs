//! Password-free agreements (免密): made, ended, looked up.

use crate::error::Error;
use crate::limits::QuotaLeg;
use crate::members::{Members, to_the_end};
use crate::model::agreement::Agreement;
use crate::model::regulation::Per;
use crate::quotas::Limit;
use crate::store::agreements;
use money::Amount;
use types::{MerchantId, Timestamp, UserId};

impl Members {
    /// Makes, or replaces, a user's password-free agreement with a merchant.
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
        if per_order.is_zero() || per_order > per_day {
            let en = "an order's limit is above zero and at most the day's";
            let zh = "单笔限额须大于零且不超过单日限额";
            return Err(Error::invalid("per_order_minor", "agreement_limit_invalid", en, zh));
        }
        self.payer(user).await?.account.ok_or(Error::NotVerified)?;
        self.merchant(merchant).ok_or(Error::NotFound { what: "merchant" })?;
        let agreement = Agreement { user, merchant, per_order, per_day, agreed_at: now };
        let members = self.clone();
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move { Ok::<_, Error>(agreements::put(txn, agreement).await?) })
            });
            unit.await?;
            members.inner.agreements.forget(&(user, merchant));
            Ok(())
        })
        .await
    }

    /// The agreement in force; cached.
    pub async fn agreement(
        &self,
        user: UserId,
        merchant: MerchantId,
    ) -> Result<Option<Agreement>, Error> {
        let key = (user, merchant);
        let generation = match self.inner.agreements.get(&key) {
            Ok(known) => return Ok(known),
            Err(generation) => generation,
        };
        let found = agreements::get(self.db(), user, merchant).await?;
        self.inner.agreements.keep(generation, key, found);
        Ok(found)
    }

    /// Ends an agreement; nothing happens if there is none.
    pub async fn revoke_agreement(
        &self,
        user: UserId,
        merchant: MerchantId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let members = self.clone();
        to_the_end(async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move {
                    Ok::<_, Error>(agreements::revoke(txn, user, merchant, now).await?)
                })
            });
            unit.await?;
            members.inner.agreements.forget(&(user, merchant));
            Ok(())
        })
        .await
    }

    /// Checks `amount` against the agreement's order limit and returns the day's quota, ready to
    /// be used.
    ///
    /// # Errors
    /// `agreement_missing`, or `limit_exceeded` with the limit `agreement_order`.
    pub async fn agreement_quota(
        &self,
        user: UserId,
        merchant: MerchantId,
        amount: Amount,
        now: Timestamp,
    ) -> Result<QuotaLeg, Error> {
        let agreement = self.agreement(user, merchant).await?.ok_or(Error::NoAgreement)?;
        if amount > agreement.per_order {
            return Err(Error::LimitExceeded {
                code: "agreement_order",
                limit: agreement.per_order,
                used: Amount::ZERO,
                left: agreement.per_order,
                resets_at: None,
            });
        }
        let limit = Limit {
            code: "agreement_day",
            asset: self.inner.quotas.assets.free_day,
            most: agreement.per_day,
            per: Per::Day,
        };
        self.prepare(&format!("{user}|{merchant}"), limit, now).await
    }
}
