//! What a provider says about itself, and its keys.

use super::Relying;
use super::fetch::wrong;
use crate::error::Error;
use crate::model::jws;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde::Deserialize;
use types::{Masked, Text, Timestamp};

/// How long what a provider says is believed, seconds.
const FRESH_SECONDS: i64 = 3_600;
/// How soon keys may be asked for again because one was not among them, seconds: whoever sends
/// invented key names must not have us ask each time.
const ANEW_SECONDS: i64 = 30;
/// The most keys of a provider.
const MOST_KEYS: usize = 50;

/// A provider as configured.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Names it in addresses.
    pub code: String,
    /// How users know it.
    pub name: Text,
    /// Its issuer.
    pub issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret: Option<Masked>,
}

/// The discovery document, as far as it is needed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Document {
    issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// A provider as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) document: Document,
    keys: Vec<Jwk>,
    document_at: Timestamp,
    keys_at: Timestamp,
}

impl Known {
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.document_at.plus_seconds(FRESH_SECONDS)
    }

    /// The key that a token names; the only one if it names none.
    pub(crate) fn key(&self, kid: Option<&str>) -> Option<&Jwk> {
        match (kid, self.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(kid), keys) => keys.iter().find(|k| k.common.key_id.as_deref() == Some(kid)),
        }
    }
}

impl Relying {
    /// What a provider says about itself, asked for at most once an hour.
    ///
    /// # Errors
    /// `provider_unreachable`; `provider_answer_invalid`, also where it calls itself otherwise than
    /// it is configured.
    pub(crate) async fn known(&self, provider: &Provider, now: Timestamp) -> Result<Known, Error> {
        if let Some(known) = self.remembered(&provider.code, now) {
            return Ok(known);
        }
        let issuer = &provider.issuer;
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document: Document = self.fetcher.get(&at).await?;
        if document.issuer != *issuer {
            return Err(wrong("it calls itself by another issuer"));
        }
        self.fetcher
            .allowed(&document.authorization_endpoint)
            .ok_or_else(|| wrong("browsers cannot be sent to its authorization_endpoint"))?;
        let keys = self.keys(&document).await?;
        let known = Known { document, keys, document_at: now, keys_at: now };
        self.remember(&provider.code, known.clone());
        Ok(known)
    }

    /// The key that signed, asking for the provider's keys anew if it is not among them.
    ///
    /// # Errors
    /// As [`Relying::known`].
    pub(crate) async fn signing_key(
        &self,
        provider: &Provider,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Jwk, Error> {
        let missing = || wrong("its token is signed by none of its keys");
        let mut known = self.known(provider, now).await?;
        if let Some(key) = known.key(kid) {
            return Ok(key.clone());
        }
        if now < known.keys_at.plus_seconds(ANEW_SECONDS) {
            return Err(missing());
        }
        known.keys = self.keys(&known.document).await?;
        known.keys_at = now;
        self.remember(&provider.code, known.clone());
        known.key(kid).cloned().ok_or_else(missing)
    }

    /// A provider's keys for signatures; what is of no use here is passed over.
    async fn keys(&self, document: &Document) -> Result<Vec<Jwk>, Error> {
        let set: KeySet = self.fetcher.get(&document.jwks_uri).await?;
        let keys = set.keys.iter().take(MOST_KEYS).filter_map(|key| jws::public_key(key).ok());
        let for_signing = |key: &Jwk| {
            key.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature)
        };
        Ok(keys.filter(for_signing).collect())
    }
}
