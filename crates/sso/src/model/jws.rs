//! Signed tokens of others and of the house: the one place where a signature is looked at.
//!
//! The algorithm is taken from a list of the caller's and must fit the key; `none` and keyed hashes
//! are on no list. Times are checked by the callers, against the house's own clock.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The longest token, bytes.
pub const MOST_BYTES: usize = 8 * 1_024;
/// What others may sign with. Nothing that a public key could be taken for the secret of.
pub const OF_OTHERS: [Algorithm; 4] =
    [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256, Algorithm::PS256];
/// Their names, for the discovery document.
pub const NAMES_OF_OTHERS: [&str; 4] = ["ES256", "EdDSA", "RS256", "PS256"];
/// What the house signs with.
pub const OF_HOUSE: [Algorithm; 1] = [Algorithm::ES256];

/// Why a token is not believed. It says what was looked at, never what was found there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// It is too long, or not three parts of base64url JSON.
    #[error("it is no signed token")]
    Malformed,
    /// Its algorithm is on no list, does not fit the key, or needs what we do not know (`crit`).
    #[error("its algorithm is not allowed here")]
    Algorithm,
    /// The key is no public key of a kind we know.
    #[error("its key is of no kind that is allowed here")]
    Key,
    /// The signature is not the key's.
    #[error("its signature is wrong")]
    Signature,
}

/// The head of a token; nothing of it is to be believed yet.
///
/// # Errors
/// [`JwsFault::Malformed`], or [`JwsFault::Algorithm`] for `none` and whatever else has no name
/// here.
pub fn head(token: &str) -> Result<Header, JwsFault> {
    if token.len() > MOST_BYTES || token.split('.').count() != 3 {
        return Err(JwsFault::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::Base64(_) => JwsFault::Malformed,
        _ => JwsFault::Algorithm,
    })?;
    if header.crit.is_some() || header.enc.is_some() {
        Err(JwsFault::Algorithm)
    } else {
        Ok(header)
    }
}

/// The claims of a token that this key signed with one of these algorithms.
///
/// # Errors
/// What is wrong with it.
pub fn verify<T: DeserializeOwned>(
    token: &str,
    key: &Jwk,
    allowed: &[Algorithm],
) -> Result<T, JwsFault> {
    let header = head(token)?;
    let fits = family(key) == Some(header.alg.family())
        && key.common.key_algorithm.is_none_or(|of_key| of_key == header.alg.into());
    if !allowed.contains(&header.alg) || !fits {
        return Err(JwsFault::Algorithm);
    }
    let decoding = DecodingKey::from_jwk(key).map_err(|_| JwsFault::Key)?;
    let mut validation = Validation::new(header.alg);
    validation.algorithms = vec![header.alg];
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let read = jsonwebtoken::decode(token, &decoding, &validation);
    read.map(|data| data.claims).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::Json(_) => JwsFault::Malformed,
        _ => JwsFault::Signature,
    })
}

/// The family of algorithms a public key is for; none for a secret or an unknown kind.
fn family(key: &Jwk) -> Option<AlgorithmFamily> {
    match &key.algorithm {
        AlgorithmParameters::EllipticCurve(_) => Some(AlgorithmFamily::Ec),
        AlgorithmParameters::RSA(_) => Some(AlgorithmFamily::Rsa),
        AlgorithmParameters::OctetKeyPair(_) => Some(AlgorithmFamily::Ed),
        _ => None,
    }
}

/// Reads a public key, and refuses one that tells its private half.
///
/// # Errors
/// [`JwsFault::Key`].
pub fn public_key(value: &serde_json::Value) -> Result<Jwk, JwsFault> {
    let secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    if secret.iter().any(|part| value.get(part).is_some()) {
        return Err(JwsFault::Key);
    }
    let key: Jwk = serde_json::from_value(value.clone()).map_err(|_| JwsFault::Key)?;
    family(&key).ok_or(JwsFault::Key)?;
    DecodingKey::from_jwk(&key).map_err(|_| JwsFault::Key)?;
    Ok(key)
}

/// The `jwk` in a token's head, as it stands there.
pub fn embedded_key(token: &str) -> Result<Jwk, JwsFault> {
    let head = token.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(head).map_err(|_| JwsFault::Malformed)?;
    let head: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|_| JwsFault::Malformed)?;
    public_key(head.get("jwk").ok_or(JwsFault::Key)?)
}

/// base64url of the SHA-256 of a text: `ath` of RFC 9449.
pub fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// base64url of the left half of the SHA-256: `at_hash` of `OpenID` Connect for ES256.
pub fn half_digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.get(..16).unwrap_or_default())
}
