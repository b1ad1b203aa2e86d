//! The envelope: what a client sends, and what it is bound to.

use money::Amount;
use serde::{Deserialize, Serialize};
use types::{Timestamp, UserId};

/// The first part of the associated data, and HPKE's application string: a key of this house is
/// never used for anything else.
pub(crate) const INFO: &str = "countinghouse payment password 1";

/// No part of an envelope may be longer: RSA of 4,096 bits makes 683 characters.
const MAX_ENC: usize = 1_024;
const MAX_CIPHERTEXT: usize = 256;
const MAX_NAME: usize = 64;

/// A one-time value that the server gave out, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(pub String);

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
    /// By which suite it is sealed.
    pub suite: String,
    /// The key it is sealed to.
    pub key_id: String,
    /// The one-time value it uses up.
    pub nonce: Nonce,
    /// When the client sealed it; it is good for a few minutes.
    pub sealed_at: Timestamp,
    /// Encapsulated (or wrapped) key, base64url without padding.
    pub enc: String,
    /// Sealed password, base64url without padding.
    pub ciphertext: String,
}

impl Envelope {
    /// Whether a part is longer than any suite makes it: then nothing of it is looked at.
    pub fn is_oversize(&self) -> bool {
        self.suite.len() > MAX_NAME
            || self.key_id.len() > MAX_NAME
            || self.nonce.0.len() > MAX_NAME
            || self.enc.len() > MAX_ENC
            || self.ciphertext.len() > MAX_CIPHERTEXT
    }

    /// What it is bound to, as every suite authenticates it.
    pub(crate) fn associated_data(&self, user: UserId, binding: &Binding) -> Vec<u8> {
        associated_data(&self.suite, &self.key_id, &self.nonce, user, binding, self.sealed_at)
    }
}

/// Why an envelope does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A part is longer than any suite makes it.
    #[error("a part of the envelope is too long")]
    Oversize,
    /// It is not sealed to this key.
    #[error("the envelope is not sealed to this key")]
    OtherKey,
    /// It is cut, altered, or sealed for another use; nothing tells which.
    #[error("the envelope does not open for this use")]
    Closed,
}

/// Each part is led by its length in four bytes, big-endian, so that no part runs into the next:
/// application, suite, key id, nonce, user, order, amount (decimal), payee, moment of sealing
/// (milliseconds since 1970, decimal).
pub(crate) fn associated_data(
    suite: &str,
    key_id: &str,
    nonce: &Nonce,
    user: UserId,
    binding: &Binding,
    at: Timestamp,
) -> Vec<u8> {
    let (user, amount) = (user.to_string(), binding.amount.to_string());
    let at = at.as_millis().to_string();
    let parts =
        [INFO, suite, key_id, &nonce.0, &user, &binding.order, &amount, &binding.payee, &at];
    let mut out = Vec::with_capacity(320);
    for part in parts {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}
