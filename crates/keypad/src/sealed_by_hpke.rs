//! Suite `hpke`.

use crate::chance::Chance;
use crate::envelope::INFO;
use hpke::aead::AesGcm128;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use types::Random;
use zeroize::Zeroizing;

/// The private half; made of 32 bytes that always give the same pair.
pub(crate) struct Private {
    secret: Zeroizing<[u8; 32]>,
    key: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: Vec<u8>,
}

impl Private {
    pub(crate) fn from_secret(secret: &[u8]) -> Option<Self> {
        let secret = Zeroizing::new(<[u8; 32]>::try_from(secret).ok()?);
        let (key, public) = X25519HkdfSha256::derive_keypair(secret.as_slice());
        Some(Self { secret, key, public: public.to_bytes().to_vec() })
    }

    pub(crate) fn secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.secret.to_vec())
    }

    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    pub(crate) fn open(
        &self,
        enc: &[u8],
        ciphertext: &[u8],
        aad: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).ok()?;
        hpke::single_shot_open::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.key,
            &enc,
            INFO.as_bytes(),
            ciphertext,
            aad,
        )
        .map(Zeroizing::new)
        .ok()
    }
}

/// Encapsulated key and sealed password; `None` if that is no X25519 public key.
pub(crate) fn seal(
    public: &[u8],
    plain: &[u8],
    aad: &[u8],
    random: &dyn Random,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).ok()?;
    let (enc, ciphertext) =
        hpke::single_shot_seal_with_rng::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            INFO.as_bytes(),
            plain,
            aad,
            &mut Chance(random),
        )
        .ok()?;
    Some((enc.to_bytes().to_vec(), ciphertext))
}
