//! Suite `rsa-oaep-256`, by aws-lc, whose decryption takes the same time whatever it is given.
//!
//! Keys and paddings are made of aws-lc's own source of chance; it takes no other.

use crate::hybrid;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use types::Random;
use zeroize::Zeroizing;

/// The private half.
pub(crate) struct Private {
    key: OaepPrivateDecryptingKey,
    secret: Zeroizing<Vec<u8>>,
    /// X.509 `SubjectPublicKeyInfo`, DER.
    public: Vec<u8>,
}

impl Private {
    pub(crate) fn generate() -> Option<Self> {
        Self::of(PrivateDecryptingKey::generate(KeySize::Rsa3072).ok()?)
    }

    /// From PKCS#8, DER.
    pub(crate) fn from_secret(secret: &[u8]) -> Option<Self> {
        Self::of(PrivateDecryptingKey::from_pkcs8(secret).ok()?)
    }

    fn of(key: PrivateDecryptingKey) -> Option<Self> {
        let secret: Pkcs8V1Der<'_> = key.as_der().ok()?;
        let secret = Zeroizing::new(secret.as_ref().to_vec());
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
        let public = public.as_ref().to_vec();
        Some(Self { key: OaepPrivateDecryptingKey::new(key).ok()?, secret, public })
    }

    pub(crate) fn secret(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
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
        if enc.len() != self.key.key_size_bytes() {
            return None;
        }
        let mut room = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let key = self.key.decrypt(&OAEP_SHA256_MGF1SHA256, enc, room.as_mut_slice(), None).ok()?;
        hybrid::open(key, ciphertext, aad)
    }
}

/// Wrapped key and sealed password; `None` if that is no RSA public key.
pub(crate) fn seal(
    public: &[u8],
    plain: &[u8],
    aad: &[u8],
    random: &dyn Random,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let public = PublicEncryptingKey::from_der(public).ok()?;
    let public = OaepPublicEncryptingKey::new(public).ok()?;
    let key = hybrid::content_key(random);
    let mut room = vec![0; public.ciphertext_size()];
    let enc = public.encrypt(&OAEP_SHA256_MGF1SHA256, key.as_slice(), &mut room, None).ok()?;
    Some((enc.to_vec(), hybrid::seal(&key, plain, aad)?))
}
