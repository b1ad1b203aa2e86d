//! The key pad: how a payment password travels, and the client's half of it.
//!
//! HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. What the
//! password is for stands in the associated data, so that an envelope opens for one use only.

use money::Amount;
use serde::{Deserialize, Serialize};
use types::{Random, Timestamp, UserId};

/// A one-time value that the server gave out, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(pub String);

/// The key that passwords are sealed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeyInfo {
    /// Names the key; it comes back in the envelope.
    pub key_id: String,
    /// The cipher suite, as RFC 9180 names it.
    pub suite: String,
    /// X25519 public key, base64url without padding.
    pub public_key: String,
}

/// What the password is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The order, by the key its maker gave it; or a purpose such as `password.set`.
    pub order: String,
    /// The order's amount; zero where there is none.
    pub amount: Amount,
    /// Who is paid: a merchant's or user's id; empty where nobody is.
    pub payee: String,
}

/// A sealed payment password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The key it is sealed to.
    pub key_id: String,
    /// The one-time value it uses up.
    pub nonce: Nonce,
    /// When the client sealed it; it is good for a few minutes.
    pub sealed_at: Timestamp,
    /// Encapsulated key, base64url without padding.
    pub enc: String,
    /// Sealed password, base64url without padding.
    pub ciphertext: String,
}

/// Why a client could not seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the public key is unusable: {0}")]
pub struct SealError(pub String);

/// Seals a password to `key` for one use by `user`, as the key pad in a phone does.
pub fn seal(
    _key: &PublicKeyInfo,
    _nonce: &Nonce,
    _user: UserId,
    _binding: &Binding,
    _password: &str,
    _now: Timestamp,
    _random: &dyn Random,
) -> Result<Envelope, SealError> {
    unimplemented!()
}
