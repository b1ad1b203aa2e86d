//! The second half of the suites that can only wrap a short secret: AES-256-GCM under a content key
//! that is used once, which is why its nonce is all zeros.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use types::Random;
use zeroize::Zeroizing;

/// Bytes of a content key.
pub(crate) const CONTENT_KEY: usize = 32;

/// A fresh content key.
pub(crate) fn content_key(random: &dyn Random) -> Zeroizing<[u8; CONTENT_KEY]> {
    let mut key = Zeroizing::new([0; CONTENT_KEY]);
    random.fill(key.as_mut_slice());
    key
}

/// Seals under a content key that was never used.
pub(crate) fn seal(key: &[u8; CONTENT_KEY], plain: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.encrypt(&Nonce::from([0; 12]), Payload { msg: plain, aad }).ok()
}

/// Opens what a content key sealed.
pub(crate) fn open(key: &[u8], sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key: &[u8; CONTENT_KEY] = key.try_into().ok()?;
    let cipher = Aes256Gcm::new(key.into());
    let opened = cipher.decrypt(&Nonce::from([0; 12]), Payload { msg: sealed, aad });
    opened.ok().map(Zeroizing::new)
}
