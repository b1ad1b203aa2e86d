//! Suite `sm2`, behind a feature: the crate that computes it is unaudited.

use crate::chance::Chance;
use crate::hybrid::{self, CONTENT_KEY};
use sm2::SecretKey;
use sm2::pke::{DecryptingKey, EncryptingKey, Mode};
use types::Random;
use zeroize::Zeroizing;

/// Bytes of a wrapped key: an uncompressed point (C1), SM3's digest (C3), the key (C2).
const WRAPPED: usize = 65 + 32 + CONTENT_KEY;
/// What leads an uncompressed point.
const UNCOMPRESSED: u8 = 4;

/// The private half.
pub(crate) struct Private {
    secret: Zeroizing<[u8; 32]>,
    key: DecryptingKey,
    /// The point, uncompressed.
    public: Vec<u8>,
}

impl Private {
    pub(crate) fn generate(random: &dyn Random) -> Option<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        // One in four milliards of draws is no scalar.
        (0..8).find_map(|_| {
            random.fill(secret.as_mut_slice());
            Self::from_secret(secret.as_slice())
        })
    }

    pub(crate) fn from_secret(secret: &[u8]) -> Option<Self> {
        let secret = Zeroizing::new(<[u8; 32]>::try_from(secret).ok()?);
        let scalar = SecretKey::from_slice(secret.as_slice()).ok()?.to_nonzero_scalar();
        let key = DecryptingKey::new_with_mode(scalar, Mode::C1C3C2);
        let public = key.encrypting_key().to_sec1_bytes().to_vec();
        Some(Self { secret, key, public })
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
        if enc.len() != WRAPPED || enc.first() != Some(&UNCOMPRESSED) {
            return None;
        }
        let key = Zeroizing::new(self.key.decrypt(enc).ok()?);
        hybrid::open(&key, ciphertext, aad)
    }
}

/// Wrapped key and sealed password; `None` if that is no point of the curve.
pub(crate) fn seal(
    public: &[u8],
    plain: &[u8],
    aad: &[u8],
    random: &dyn Random,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let public = sm2::PublicKey::from_sec1_bytes(public).ok()?;
    let key = hybrid::content_key(random);
    let wrapping = EncryptingKey::new_with_mode(public, Mode::C1C3C2);
    let enc = wrapping.encrypt(&mut Chance(random), key.as_slice()).ok()?;
    Some((enc, hybrid::seal(&key, plain, aad)?))
}
