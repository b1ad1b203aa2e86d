//! The keys that passwords are sealed to, and sealing itself.

use crate::base64url;
use crate::envelope::{Binding, Envelope, Nonce, OpenError, associated_data};
#[cfg(feature = "sm2")]
use crate::sealed_by_sm2;
use crate::suite::Suite;
use crate::{sealed_by_hpke, sealed_by_rsa};
use serde::{Deserialize, Serialize};
use types::{Random, Timestamp, UserId};
use zeroize::Zeroizing;

/// The key that passwords are sealed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeyInfo {
    /// Names the key; it comes back in the envelope.
    pub key_id: String,
    /// The suite it is for, by its name.
    pub suite: String,
    /// The public key, base64url without padding: X25519 (32 bytes), an X.509
    /// `SubjectPublicKeyInfo` of RSA in DER, or SM2's uncompressed point (65 bytes).
    pub public_key: String,
}

/// Why a client could not seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// This program does not know the key's suite.
    #[error("the suite '{0}' is unknown")]
    Suite(String),
    /// The key is none of its suite.
    #[error("the public key is unusable")]
    Key,
}

/// No key could be made or read of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no private key of suite {0}")]
pub struct KeyError(pub Suite);

/// Seals a password to `key` for one use by `user`, as the key pad in a phone does.
///
/// # Errors
/// [`SealError`] if the key is unusable.
pub fn seal(
    key: &PublicKeyInfo,
    nonce: &Nonce,
    user: UserId,
    binding: &Binding,
    password: &str,
    now: Timestamp,
    random: &dyn Random,
) -> Result<Envelope, SealError> {
    let suite = Suite::offered(&key.suite).ok_or_else(|| SealError::Suite(key.suite.clone()))?;
    let public = base64url::decode(&key.public_key).ok_or(SealError::Key)?;
    let aad = associated_data(suite.name(), &key.key_id, nonce, user, binding, now);
    let plain = password.as_bytes();
    let (enc, ciphertext) = match suite {
        Suite::Hpke => sealed_by_hpke::seal(&public, plain, &aad, random),
        Suite::RsaOaep => sealed_by_rsa::seal(&public, plain, &aad, random),
        #[cfg(feature = "sm2")]
        Suite::Sm2 => sealed_by_sm2::seal(&public, plain, &aad, random),
        #[cfg(not(feature = "sm2"))]
        Suite::Sm2 => None,
    }
    .ok_or(SealError::Key)?;
    Ok(Envelope {
        suite: suite.name().to_owned(),
        key_id: key.key_id.clone(),
        nonce: nonce.clone(),
        sealed_at: now,
        enc: base64url::encode(&enc),
        ciphertext: base64url::encode(&ciphertext),
    })
}

/// The private half of one key: the one place where passwords are decrypted.
pub struct PrivateKey {
    half: Half,
    info: PublicKeyInfo,
}

enum Half {
    Hpke(sealed_by_hpke::Private),
    Rsa(Box<sealed_by_rsa::Private>),
    #[cfg(feature = "sm2")]
    Sm2(Box<sealed_by_sm2::Private>),
}

impl PrivateKey {
    /// A new pair. RSA takes a moment of computing.
    ///
    /// # Errors
    /// [`KeyError`] for a suite that is not offered.
    pub fn generate(suite: Suite, random: &dyn Random) -> Result<Self, KeyError> {
        let half = match suite {
            Suite::Hpke => {
                let mut secret = Zeroizing::new([0; 32]);
                random.fill(secret.as_mut_slice());
                sealed_by_hpke::Private::from_secret(secret.as_slice()).map(Half::Hpke)
            }
            Suite::RsaOaep => sealed_by_rsa::Private::generate().map(|p| Half::Rsa(Box::new(p))),
            #[cfg(feature = "sm2")]
            Suite::Sm2 => sealed_by_sm2::Private::generate(random).map(|p| Half::Sm2(Box::new(p))),
            #[cfg(not(feature = "sm2"))]
            Suite::Sm2 => None,
        };
        half.map(|half| Self::of(suite, half)).ok_or(KeyError(suite))
    }

    /// The pair of a secret that [`PrivateKey::secret`] gave.
    ///
    /// # Errors
    /// [`KeyError`] if it is none, or its suite is not offered.
    pub fn from_secret(suite: Suite, secret: &[u8]) -> Result<Self, KeyError> {
        let half = match suite {
            Suite::Hpke => sealed_by_hpke::Private::from_secret(secret).map(Half::Hpke),
            Suite::RsaOaep => {
                sealed_by_rsa::Private::from_secret(secret).map(|p| Half::Rsa(Box::new(p)))
            }
            #[cfg(feature = "sm2")]
            Suite::Sm2 => {
                sealed_by_sm2::Private::from_secret(secret).map(|p| Half::Sm2(Box::new(p)))
            }
            #[cfg(not(feature = "sm2"))]
            Suite::Sm2 => None,
        };
        half.map(|half| Self::of(suite, half)).ok_or(KeyError(suite))
    }

    fn of(suite: Suite, half: Half) -> Self {
        let public = match &half {
            Half::Hpke(private) => private.public(),
            Half::Rsa(private) => private.public(),
            #[cfg(feature = "sm2")]
            Half::Sm2(private) => private.public(),
        };
        let digest = blake3::hash(public);
        let key_id = hex::encode(digest.as_bytes().get(..8).unwrap_or_default());
        let public_key = base64url::encode(public);
        let info = PublicKeyInfo { key_id, suite: suite.name().to_owned(), public_key };
        Self { half, info }
    }

    /// What it is made of, to be kept sealed.
    pub fn secret(&self) -> Zeroizing<Vec<u8>> {
        match &self.half {
            Half::Hpke(private) => private.secret(),
            Half::Rsa(private) => private.secret(),
            #[cfg(feature = "sm2")]
            Half::Sm2(private) => private.secret(),
        }
    }

    /// The key that clients seal to.
    pub fn info(&self) -> &PublicKeyInfo {
        &self.info
    }

    /// Opens an envelope for exactly this use.
    ///
    /// # Errors
    /// [`OpenError`]; an envelope that is cut, altered or for another use gives one answer.
    pub fn open(
        &self,
        envelope: &Envelope,
        user: UserId,
        binding: &Binding,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        if envelope.is_oversize() {
            return Err(OpenError::Oversize);
        }
        if envelope.key_id != self.info.key_id || envelope.suite != self.info.suite {
            return Err(OpenError::OtherKey);
        }
        let enc = base64url::decode(&envelope.enc).ok_or(OpenError::Closed)?;
        let ciphertext = base64url::decode(&envelope.ciphertext).ok_or(OpenError::Closed)?;
        let aad = envelope.associated_data(user, binding);
        match &self.half {
            Half::Hpke(private) => private.open(&enc, &ciphertext, &aad),
            Half::Rsa(private) => private.open(&enc, &ciphertext, &aad),
            #[cfg(feature = "sm2")]
            Half::Sm2(private) => private.open(&enc, &ciphertext, &aad),
        }
        .ok_or(OpenError::Closed)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateKey").field("info", &self.info).finish_non_exhaustive()
    }
}
