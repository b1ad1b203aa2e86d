//! Signing an order: a challenge that carries it, and the check of what came back.

use super::config::check_page;
use super::{challenge_unknown, registering};
use crate::error::Error;
use crate::members::Members;
use crate::model::device_key::{OrderToSign, Purpose, challenge};
use crate::model::device_state::{Integrity, StateEffect};
use crate::model::factor::Factors;
use crate::store::device_keys::{self, ChallengeRow, KeyRow};
use types::{Timestamp, UserId};
use webauthn::{
    Assertion, ClientData, Fault, Known, PaymentTerms, RequestOptions, Seen, SpcRequest, Total, Use,
};

/// A challenge that carries an order, in the forms in which browsers take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceChallenge {
    /// For `navigator.credentials.get`, on a page of the institution.
    pub sign: RequestOptions,
    /// For the payment method `secure-payment-confirmation`, on the payee's page; where one was
    /// named and the payee is a merchant.
    pub payment: Option<SpcRequest>,
}

/// What came back: from `navigator.credentials.get`, or from a confirmed payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAnswer {
    /// The key's id at the authenticator.
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// Whose key it is, where the authenticator knows.
    pub user_handle: Option<Vec<u8>>,
    /// What the app says of its device now.
    pub integrity: Integrity,
}

/// What came of writing an answer down. A value, not an error: the mark must be kept.
enum Written {
    Signed,
    Reused,
    Behind,
}

impl Members {
    /// Gives out a challenge that carries this order, in the place of the last one. `page` is the
    /// payee's, where the browser itself is to show the payment there.
    ///
    /// # Errors
    /// `device_key_not_set` if the user has no key; `device_key_page_invalid`.
    pub async fn device_challenge(
        &self,
        user: UserId,
        order: &OrderToSign,
        page: Option<&str>,
        now: Timestamp,
    ) -> Result<DeviceChallenge, Error> {
        if let Some(page) = page {
            check_page("page", page)?;
        }
        let known = device_keys::of_user(self.db(), user).await?;
        if known.is_empty() {
            return Err(Error::DeviceKeyNotSet);
        }
        let ids: Vec<Vec<u8>> = known.into_iter().map(|row| row.key.credential_id).collect();
        let challenge = self.give_challenge(user, Purpose::Order(order, page), now).await?;
        let party = &self.inner.party;
        let terms = page.and_then(|page| self.terms(order, page));
        Ok(DeviceChallenge {
            sign: RequestOptions::new(party, &challenge, &ids),
            payment: terms.map(|terms| SpcRequest::new(party, &terms, &challenge, &ids)),
        })
    }

    /// What a browser shows of this order on its payee's page.
    fn terms(&self, order: &OrderToSign, page: &str) -> Option<PaymentTerms> {
        let name = order.payee_name.as_ref()?;
        // CNY is the one asset that orders move; it has two decimals.
        let currency = "CNY".to_owned();
        let value = money::format_minor(order.amount.signed(), 2);
        Some(PaymentTerms {
            origin: page.to_owned(),
            payee_names: vec![name.en.clone(), name.zh.clone()],
            total: Total { currency, value },
            instrument: self.inner.config.device_keys.instrument(),
        })
    }

    /// Checks that this user signed exactly this order, with a key of its own, just now, and says
    /// what that proves. The challenge is used up, the key's counter moved on and what the app says
    /// of its device written down in one unit.
    ///
    /// # Errors
    /// `device_key_challenge_unknown` (never given, or used), `device_key_challenge_expired`,
    /// `device_key_challenge_wrong` (another user's or order's, or the order is another by now);
    /// `device_key_unknown`; those of [`webauthn::assert`]; `device_state_refused`.
    pub async fn verify_device_key(
        &self,
        user: UserId,
        order: &OrderToSign,
        answer: &DeviceAnswer,
        now: Timestamp,
    ) -> Result<Factors, Error> {
        let given = self.answered(user, Some(order.order), &answer.client_data, now).await?;
        let purpose = Purpose::Order(order, given.page.as_deref());
        if challenge(user, purpose, &given.nonce, given.expires_at) != given.challenge {
            return Err(Fault::Challenge.into());
        }
        let found = device_keys::by_credential(self.db(), &answer.credential_id).await?;
        let row = found.filter(|row| row.key.user == user).ok_or_else(unknown)?;
        let seen = match self.check_answer(order, &given, &row, answer) {
            Err(Fault::Counter) => return Err(self.mark(&row, now).await),
            checked => checked?,
        };
        let (id, reported) = (row.key.id, answer.integrity);
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if !device_keys::use_up(txn, given.challenge).await? {
                    return Ok::<_, Error>(Written::Reused);
                }
                // Another order may have moved the counter on meanwhile.
                let signed = device_keys::signed(txn, id, seen, reported, now).await?;
                Ok(if signed { Written::Signed } else { Written::Behind })
            })
        });
        match unit.await? {
            Written::Signed => {
                let state = row.key.integrity.judged(reported);
                let effect = self.state_effect(state)?;
                Ok(row.key.factors(effect, seen.user_verified))
            }
            Written::Reused => Err(challenge_unknown()),
            Written::Behind => Err(self.mark(&row, now).await),
        }
    }

    /// What a device's state does to its keys.
    ///
    /// # Errors
    /// `device_state_refused`.
    pub(super) fn state_effect(&self, state: Integrity) -> Result<StateEffect, Error> {
        match self.inner.config.device_keys.device_state.effect(state) {
            StateEffect::Refuse => Err(Error::DeviceState { state }),
            effect => Ok(effect),
        }
    }

    fn check_answer(
        &self,
        order: &OrderToSign,
        given: &ChallengeRow,
        row: &KeyRow,
        answer: &DeviceAnswer,
    ) -> Result<Seen, Fault> {
        let handle = registering::handle(row.key.user);
        let known = Known {
            key: &row.public_key,
            counter: row.key.counter,
            backup_eligible: row.key.backup_eligible,
            user_handle: &handle,
        };
        let assertion = Assertion {
            client_data: &answer.client_data,
            authenticator_data: &answer.authenticator_data,
            signature: &answer.signature,
            user_handle: answer.user_handle.as_deref(),
        };
        let terms = given.page.as_deref().and_then(|page| self.terms(order, page));
        let confirmed = ClientData::read(&answer.client_data)?.ceremony == "payment.get";
        let used_for = match &terms {
            Some(terms) if confirmed => Use::Payment(terms),
            _ => Use::Sign,
        };
        webauthn::assert(&self.inner.party, &known, &assertion, &given.challenge, used_for)
    }

    /// Marks a key whose counter did not move on; gives the refusal.
    async fn mark(&self, row: &KeyRow, now: Timestamp) -> Error {
        let (id, user) = (row.key.id, row.key.user);
        tracing::warn!(%user, key = %id, "a device key's counter did not move on: a copy?");
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(device_keys::mark(txn, id, now).await?) })
        });
        unit.await.err().unwrap_or_else(|| Fault::Counter.into())
    }
}

/// No such key, or it is another's: alike, so that nobody can probe whose it is.
fn unknown() -> Error {
    Error::invalid(
        "credential_id",
        "device_key_unknown",
        "this is none of the user's device keys",
        "该密钥不是此用户的设备密钥",
    )
}
