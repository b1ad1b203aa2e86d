//! Proofs of possession as the house takes them: fresh by a nonce of ours, and each once.

use crate::error::{Error, OAuthError, Refusal};
use crate::model::dpop::{self, For, WINDOW_SECONDS};
use crate::sso::{Sso, seconds};
use crate::store::passing;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use types::Timestamp;

/// The header in which the nonce travels.
pub const NONCE_HEADER: &str = "DPoP-Nonce";
/// How long one nonce is given out, seconds; the one before it is still taken.
const NONCE_SECONDS: i64 = 120;

impl Sso {
    /// The nonce that proofs are to carry now. It is not stored: time and a key of ours make it.
    pub fn dpop_nonce(&self, now: Timestamp) -> String {
        self.nonce_of(seconds(now).div_euclid(NONCE_SECONDS))
    }

    fn nonce_of(&self, period: i64) -> String {
        let tag = self.inner.desk.secrets.blind_index("sso.dpop_nonce", &period.to_be_bytes());
        URL_SAFE_NO_PAD.encode(tag.get(..16).unwrap_or_default())
    }

    fn is_nonce(&self, nonce: &str, now: Timestamp) -> bool {
        let period = seconds(now).div_euclid(NONCE_SECONDS);
        [period, period.saturating_sub(1)]
            .iter()
            .any(|period| self.nonce_of(*period).as_bytes().ct_eq(nonce.as_bytes()).into())
    }

    /// The thumbprint of the key that the request proves to hold; `None` if it sends no proof.
    ///
    /// # Errors
    /// Those of [`dpop::check`], `dpop_nonce_needed`, `dpop_replayed`.
    pub(crate) async fn possession(
        &self,
        proof: Option<&str>,
        wanted: For<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let Some(proof) = proof else { return Ok(None) };
        let proof = dpop::check(proof, wanted, now)?;
        if !proof.nonce.as_deref().is_some_and(|nonce| self.is_nonce(nonce, now)) {
            return Err(Refusal::coded(
                OAuthError::UseDpopNonce,
                "dpop_nonce_needed",
                "send the proof again with the nonce of the DPoP-Nonce header",
                "请使用 DPoP-Nonce 响应头中的随机数重新签发证明",
            )
            .into());
        }
        let value = self.hashed("dpop_jti", &format!("{}|{}", proof.jkt, proof.jti));
        // As long as its moment could be taken.
        let until = now.plus_seconds(WINDOW_SECONDS.saturating_mul(2));
        if !self.first_seen(value, until).await? {
            return Err(Refusal::coded(
                OAuthError::InvalidDpopProof,
                "dpop_replayed",
                "this proof was used before",
                "该 DPoP 证明已被使用",
            )
            .into());
        }
        Ok(Some(proof.jkt))
    }

    /// Whether a one-time value is seen for the first time; durable once this returns.
    pub(crate) async fn first_seen(&self, value: Vec<u8>, until: Timestamp) -> Result<bool, Error> {
        let unit = self.inner.desk.records.write(move |txn| {
            Box::pin(async move { Ok::<_, Error>(passing::see(txn, value, until).await?) })
        });
        unit.await
    }
}
