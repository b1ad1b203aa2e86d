//! The key pad: how a payment password travels, and the client's half of it.
//!
//! HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. What the
//! password is for stands in the associated data, so that an envelope opens for one use only.

use crate::wire::{from_base64, to_base64};
use hpke::aead::AesGcm128;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use money::Amount;
use serde::{Deserialize, Serialize};
use types::{Random, Timestamp, UserId};
use zeroize::Zeroizing;

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

/// The suite, as RFC 9180 names its parts.
pub const SUITE: &str = "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM";
/// HPKE's application string: a key of this house is never used for anything else.
const INFO: &[u8] = b"countinghouse payment password 1";
/// An envelope longer than this is not looked at.
const MAX_CIPHERTEXT: usize = 256;

/// Seals a password to `key` for one use by `user`, as the key pad in a phone does.
///
/// # Errors
/// [`SealError`] if the key is no X25519 public key.
pub fn seal(
    key: &PublicKeyInfo,
    nonce: &Nonce,
    user: UserId,
    binding: &Binding,
    password: &str,
    now: Timestamp,
    random: &dyn Random,
) -> Result<Envelope, SealError> {
    let unusable = |e: hpke::HpkeError| SealError(e.to_string());
    let bytes = from_base64(&key.public_key).ok_or_else(|| SealError("no base64url".into()))?;
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&bytes).map_err(unusable)?;
    let aad = associated_data(&key.key_id, nonce, user, binding, now);
    let (enc, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO,
            password.as_bytes(),
            &aad,
            &mut Chance(random),
        )
        .map_err(unusable)?;
    Ok(Envelope {
        key_id: key.key_id.clone(),
        nonce: nonce.clone(),
        sealed_at: now,
        enc: to_base64(&enc.to_bytes()),
        ciphertext: to_base64(&ciphertext),
    })
}

/// The server's half: the one place where passwords are decrypted.
pub(crate) struct Opener {
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    info: PublicKeyInfo,
}

impl Opener {
    /// A pair of keys that this secret always gives.
    pub(crate) fn from_secret(secret: &[u8; 32]) -> Self {
        let (private, public) = X25519HkdfSha256::derive_keypair(secret);
        let bytes = public.to_bytes();
        let digest = blake3::hash(&bytes);
        let key_id = hex::encode(digest.as_bytes().get(..8).unwrap_or_default());
        let info = PublicKeyInfo { key_id, suite: SUITE.to_owned(), public_key: to_base64(&bytes) };
        Self { private, info }
    }

    /// The key that clients seal to.
    pub(crate) fn info(&self) -> &PublicKeyInfo {
        &self.info
    }

    /// Opens an envelope for exactly this use; `None` if it is not for it, cut, or altered.
    pub(crate) fn open(
        &self,
        envelope: &Envelope,
        user: UserId,
        binding: &Binding,
    ) -> Option<Zeroizing<Vec<u8>>> {
        if envelope.key_id != self.info.key_id || envelope.ciphertext.len() > MAX_CIPHERTEXT {
            return None;
        }
        let enc = from_base64(&envelope.enc)?;
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).ok()?;
        let ciphertext = from_base64(&envelope.ciphertext)?;
        let at = envelope.sealed_at;
        let aad = associated_data(&envelope.key_id, &envelope.nonce, user, binding, at);
        hpke::single_shot_open::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &enc,
            INFO,
            &ciphertext,
            &aad,
        )
        .map(Zeroizing::new)
        .ok()
    }
}

/// Each part is led by its length in four bytes, big-endian, so that no part runs into the next:
/// key id, nonce, user, order, amount (decimal), payee, moment of sealing (milliseconds, decimal).
fn associated_data(
    key_id: &str,
    nonce: &Nonce,
    user: UserId,
    binding: &Binding,
    at: Timestamp,
) -> Vec<u8> {
    let parts = [
        key_id.to_owned(),
        nonce.0.clone(),
        user.to_string(),
        binding.order.clone(),
        binding.amount.to_string(),
        binding.payee.clone(),
        at.as_millis().to_string(),
    ];
    let mut out = Vec::with_capacity(256);
    for part in parts {
        out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

/// The house's source of chance, as the cipher wants it.
struct Chance<'a>(&'a dyn Random);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::SeededRandom;

    fn sealed() -> (Opener, UserId, Binding, Envelope) {
        let opener = Opener::from_secret(&[7; 32]);
        let user = UserId::from_u128(1);
        let amount = Amount::new(1_234).expect("small");
        let binding = Binding { order: "m-1".into(), amount, payee: "mch_1".into() };
        let nonce = Nonce("00ff".into());
        let now = Timestamp::from_millis(1_000);
        let random = SeededRandom::new(1);
        let envelope =
            seal(opener.info(), &nonce, user, &binding, "830592", now, &random).expect("sealed");
        (opener, user, binding, envelope)
    }

    #[test]
    fn it_opens_for_its_use_and_no_other() {
        let (opener, user, binding, envelope) = sealed();
        let open = |e: &Envelope, u, b: &Binding| opener.open(e, u, b).map(|p| p.to_vec());
        assert_eq!(open(&envelope, user, &binding), Some(b"830592".to_vec()));
        assert_eq!(open(&envelope, UserId::from_u128(2), &binding), None, "another user");
        for other in [
            Binding { order: "m-2".into(), ..binding.clone() },
            Binding { amount: Amount::new(1_235).expect("small"), ..binding.clone() },
            Binding { payee: "mch_2".into(), ..binding.clone() },
            Binding {
                order: "m-11".into(),
                amount: Amount::new(234).expect("small"),
                ..binding.clone()
            },
        ] {
            assert_eq!(open(&envelope, user, &other), None, "{other:?}");
        }
        for altered in [
            Envelope { nonce: Nonce("00fe".into()), ..envelope.clone() },
            Envelope { sealed_at: Timestamp::from_millis(1_001), ..envelope.clone() },
            Envelope { key_id: "other".into(), ..envelope.clone() },
        ] {
            assert_eq!(open(&altered, user, &binding), None, "{altered:?}");
        }
    }

    #[test]
    fn cut_or_altered_anywhere_it_does_not_open() {
        let (opener, user, binding, envelope) = sealed();
        let bytes = from_base64(&envelope.ciphertext).expect("base64url");
        for length in 0..bytes.len() {
            let cut = Envelope { ciphertext: to_base64(&bytes[..length]), ..envelope.clone() };
            assert!(opener.open(&cut, user, &binding).is_none(), "cut to {length}");
        }
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1;
            let altered = Envelope { ciphertext: to_base64(&flipped), ..envelope.clone() };
            assert!(opener.open(&altered, user, &binding).is_none(), "byte {place}");
        }
        for enc in ["", "AA", &"A".repeat(43), "not base64!"] {
            let altered = Envelope { enc: enc.to_owned(), ..envelope.clone() };
            assert!(opener.open(&altered, user, &binding).is_none(), "{enc}");
        }
    }

    #[test]
    fn a_bad_public_key_is_no_panic() {
        let (opener, user, binding, envelope) = sealed();
        for public_key in ["", "AA", "%%%"] {
            let key = PublicKeyInfo { public_key: public_key.into(), ..opener.info().clone() };
            let now = Timestamp::from_millis(0);
            let random = SeededRandom::new(1);
            assert!(seal(&key, &envelope.nonce, user, &binding, "1", now, &random).is_err());
        }
    }
}
