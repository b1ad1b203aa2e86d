//! Proofs of possession (RFC 9449): a token is good only in the hands that hold a key.

use crate::error::{OAuthError, Refusal};
use crate::model::jws::{self, JwsFault};
use jsonwebtoken::jwk::ThumbprintHash;
use serde::Deserialize;
use types::Timestamp;

/// How far a proof's moment may lie from ours, seconds.
pub const WINDOW_SECONDS: i64 = 300;
/// The longest `jti`.
const MOST_JTI: usize = 256;

/// A proof that holds; whether its `jti` and nonce are fresh is the store's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Thumbprint of the key (RFC 7638).
    pub jkt: String,
    /// Its one-time value.
    pub jti: String,
    /// The nonce of ours that it carries.
    pub nonce: Option<String>,
}

/// What the proof has to be for.
#[derive(Debug, Clone, Copy)]
pub struct For<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's address without query.
    pub url: &'a str,
    /// The access token that comes with it, where one does.
    pub access_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

fn refused(code: &'static str, en: impl Into<String>, zh: &str) -> Refusal {
    Refusal::coded(OAuthError::InvalidDpopProof, code, en, zh)
}

fn not_believed(fault: JwsFault) -> Refusal {
    refused("dpop_malformed", format!("the DPoP proof is not believed: {fault}"), "DPoP 证明无效")
}

/// Checks everything about a proof that it says itself.
///
/// # Errors
/// `dpop_malformed` (form, type, algorithm, key, signature), `dpop_method_mismatch`,
/// `dpop_url_mismatch`, `dpop_stale`, `dpop_token_mismatch`.
pub fn check(proof: &str, wanted: For<'_>, now: Timestamp) -> Result<Proof, Refusal> {
    let head = jws::head(proof).map_err(not_believed)?;
    if head.typ.as_deref() != Some("dpop+jwt") {
        return Err(not_believed(JwsFault::Malformed));
    }
    let key = jws::embedded_key(proof).map_err(not_believed)?;
    let claims: Claims = jws::verify(proof, &key, &jws::OF_OTHERS).map_err(not_believed)?;
    if claims.jti.is_empty() || claims.jti.len() > MOST_JTI {
        return Err(not_believed(JwsFault::Malformed));
    }
    if claims.htm != wanted.method {
        let en = "htm is not the method of this request";
        return Err(refused("dpop_method_mismatch", en, "DPoP 证明的 htm 与请求方法不符"));
    }
    if bare(&claims.htu).is_none_or(|url| Some(url) != bare(wanted.url)) {
        let en = "htu is not the address of this request";
        return Err(refused("dpop_url_mismatch", en, "DPoP 证明的 htu 与请求地址不符"));
    }
    let age = now.as_millis().div_euclid(1_000).saturating_sub(claims.iat).saturating_abs();
    if age > WINDOW_SECONDS {
        let en = format!("iat lies more than {WINDOW_SECONDS} s from now");
        return Err(refused("dpop_stale", en, "DPoP 证明的时间与当前相差过大"));
    }
    if let Some(token) = wanted.access_token
        && claims.ath.as_deref() != Some(jws::digest(token).as_str())
    {
        let en = "ath is not the hash of this access token";
        return Err(refused("dpop_token_mismatch", en, "DPoP 证明的 ath 与访问令牌不符"));
    }
    let jkt = key.thumbprint(ThumbprintHash::SHA256).map_err(|_| not_believed(JwsFault::Key))?;
    Ok(Proof { jkt, jti: claims.jti, nonce: claims.nonce })
}

/// An address without query and fragment, as a parser spells it.
fn bare(text: &str) -> Option<reqwest::Url> {
    let mut url = reqwest::Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
