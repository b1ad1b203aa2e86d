//! The door of the room.

use crate::error::Error;
use crate::keypad::{Binding, Envelope, Nonce, PublicKeyInfo};
use crate::limits::{LimitView, QuotaLeg};
use crate::model::agreement::Agreement;
use crate::model::class::FactorStrength;
use crate::model::freeze::{NewEntry, RegisterEntry, Target};
use crate::model::merchant::{Merchant, MerchantCredentials, NewMerchant};
use crate::model::people::{
    CustomerView, NewUser, Payer, Standing, UserFilter, UserPage, UserView,
};
use crate::model::realname::{RealNameClaim, RealNameOutcome, Verified};
use money::Amount;
use std::sync::Arc;
use types::{CustomerId, Masked, MerchantId, RegisterEntryId, Timestamp, UserId};

/// The members room; clones share it.
#[derive(Clone)]
pub struct Members {
    _inner: Arc<()>,
}

impl Members {
    /// Registers a user. The same phone twice is `phone_taken`.
    pub async fn register(&self, _new: NewUser, _now: Timestamp) -> Result<UserId, Error> {
        unimplemented!()
    }
    /// Verifies a user's real name and opens its cash account.
    pub async fn verify_real_name(
        &self,
        _user: UserId,
        _claim: RealNameClaim,
        _now: Timestamp,
    ) -> Result<RealNameOutcome, Error> {
        unimplemented!()
    }
    /// Hangs `user` under the customer of `existing`, whose payment password authorises it. The
    /// envelope is bound to `Members::merge_binding(user)` and sealed by `existing`.
    pub async fn merge(
        &self,
        _user: UserId,
        _claim: RealNameClaim,
        _existing: UserId,
        _envelope: &Envelope,
        _now: Timestamp,
    ) -> Result<Verified, Error> {
        unimplemented!()
    }
    /// What a merge's envelope is bound to.
    pub fn merge_binding(_user: UserId) -> Binding {
        unimplemented!()
    }
    /// What a first password's envelope is bound to.
    pub fn set_password_binding() -> Binding {
        unimplemented!()
    }
    /// The key that passwords are sealed to.
    pub fn password_public_key(&self) -> PublicKeyInfo {
        unimplemented!()
    }
    /// Gives out a one-time value for one envelope.
    pub async fn password_nonce(&self, _user: UserId, _now: Timestamp) -> Result<Nonce, Error> {
        unimplemented!()
    }
    /// Sets the first payment password.
    pub async fn set_payment_password(
        &self,
        _user: UserId,
        _envelope: &Envelope,
        _now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
    /// Checks a payment password for one use.
    pub async fn verify_payment_password(
        &self,
        _user: UserId,
        _envelope: &Envelope,
        _binding: &Binding,
        _now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
    /// Makes (or replaces) a password-free agreement.
    pub async fn agree_password_free(
        &self,
        _user: UserId,
        _merchant: MerchantId,
        _per_order: Amount,
        _per_day: Amount,
        _now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
    /// The agreement in force; cached, costs no query once known.
    pub async fn agreement(
        &self,
        _user: UserId,
        _merchant: MerchantId,
    ) -> Result<Option<Agreement>, Error> {
        unimplemented!()
    }
    /// Ends an agreement; nothing happens if there is none.
    pub async fn revoke_agreement(
        &self,
        _user: UserId,
        _merchant: MerchantId,
        _now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
    /// Checks `amount` against the agreement's order limit and returns the day's quota, ready to
    /// be used. `NoAgreement` or `LimitExceeded{agreement_order}` otherwise.
    pub async fn agreement_quota(
        &self,
        _user: UserId,
        _merchant: MerchantId,
        _amount: Amount,
        _now: Timestamp,
    ) -> Result<QuotaLeg, Error> {
        unimplemented!()
    }
    /// The quotas that a payment from the balance of this customer uses up, opened and reset for
    /// the period of `now` before this returns: put every leg in the payment's transaction.
    pub async fn quotas(
        &self,
        _customer: CustomerId,
        _strength: FactorStrength,
        _now: Timestamp,
    ) -> Result<Vec<QuotaLeg>, Error> {
        unimplemented!()
    }
    /// What to answer when the ledger refused because `leg.left` had not enough.
    pub fn limit_exceeded(&self, _leg: &QuotaLeg) -> Error {
        unimplemented!()
    }
    /// Where every limit of a customer stands.
    pub async fn limits_view(
        &self,
        _customer: CustomerId,
        _now: Timestamp,
    ) -> Result<Vec<LimitView>, Error> {
        unimplemented!()
    }
    /// Enters a freeze; when this returns the ledger enforces it.
    pub async fn freeze(
        &self,
        _entry: NewEntry,
        _now: Timestamp,
    ) -> Result<RegisterEntryId, Error> {
        unimplemented!()
    }
    /// Lifts one entry; the others stay in force. Lifting a lifted one changes nothing.
    pub async fn lift(
        &self,
        _id: RegisterEntryId,
        _who: &str,
        _reason: &str,
        _now: Timestamp,
    ) -> Result<(), Error> {
        unimplemented!()
    }
    /// Every entry on exactly this target, newest first.
    pub async fn register_entries(&self, _target: Target) -> Result<Vec<RegisterEntry>, Error> {
        unimplemented!()
    }
    /// Whether a user may act.
    pub async fn standing(&self, _user: UserId, _now: Timestamp) -> Result<Standing, Error> {
        unimplemented!()
    }
    /// What an order needs of a user; cached.
    pub async fn payer(&self, _user: UserId) -> Result<Payer, Error> {
        unimplemented!()
    }
    /// A user.
    pub async fn profile(&self, _user: UserId, _now: Timestamp) -> Result<UserView, Error> {
        unimplemented!()
    }
    /// The user with this phone.
    pub async fn user_by_phone(&self, _phone: &Masked) -> Result<Option<UserId>, Error> {
        unimplemented!()
    }
    /// A customer with its users and accounts.
    pub async fn customer(
        &self,
        _customer: CustomerId,
        _now: Timestamp,
    ) -> Result<CustomerView, Error> {
        unimplemented!()
    }
    /// One page of users, newest first.
    pub async fn users(
        &self,
        _filter: UserFilter,
        _before: Option<UserId>,
        _limit: u64,
        _now: Timestamp,
    ) -> Result<UserPage, Error> {
        unimplemented!()
    }
    /// Registers a merchant and opens its two accounts. The same organisation twice is
    /// `merchant_exists`.
    pub async fn register_merchant(
        &self,
        _new: NewMerchant,
        _now: Timestamp,
    ) -> Result<MerchantCredentials, Error> {
        unimplemented!()
    }
    /// The merchant whose API key this is; in memory.
    pub fn merchant_by_api_key(&self, _key: &str) -> Option<Arc<Merchant>> {
        unimplemented!()
    }
    /// A merchant; in memory.
    pub fn merchant(&self, _merchant: MerchantId) -> Option<Arc<Merchant>> {
        unimplemented!()
    }
    /// Every merchant, oldest first; in memory.
    pub fn merchants(&self) -> Vec<Arc<Merchant>> {
        unimplemented!()
    }
    /// The secret that signs a merchant's webhooks.
    pub fn webhook_secret(&self, _merchant: MerchantId) -> Option<Masked> {
        unimplemented!()
    }
}
