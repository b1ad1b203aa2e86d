//! Bytes on the wire: base64url, and the signature that outside parties (verification providers,
//! message channels) and we exchange.
//!
//! A request signs `method \n path \n timestamp \n nonce \n body`; its answer signs
//! `status \n nonce \n body` with the request's nonce. HMAC-SHA256, lower-case hexadecimal.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Header: when the request was made, RFC 3339.
pub const TIMESTAMP_HEADER: &str = "x-provider-timestamp";
/// Header: a value used once.
pub const NONCE_HEADER: &str = "x-provider-nonce";
/// Header: the signature.
pub const SIGNATURE_HEADER: &str = "x-provider-signature";

/// Neither side reads a longer body.
pub const MAX_JSON_BYTES: usize = 16 * 1024;

/// base64url without padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key that an institution and one outside party share.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderKey([u8; 32]);

impl ProviderKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key of 64 hexadecimal digits; none if the text is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// The signature of a request.
    pub fn sign_request(
        &self,
        method: &str,
        path: &str,
        timestamp: &str,
        nonce: &str,
        body: &[u8],
    ) -> String {
        self.sign(&[method, path, timestamp, nonce], body)
    }

    /// The signature of the answer to the request that carried this nonce.
    pub fn sign_answer(&self, status: u16, nonce: &str, body: &[u8]) -> String {
        self.sign(&[&status.to_string(), nonce], body)
    }

    /// Whether two signatures are equal; takes the same time wherever they differ.
    pub fn same(expected: &str, given: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), given.as_bytes()).into()
    }

    fn sign(&self, parts: &[&str], body: &[u8]) -> String {
        let mut mac = hmac(&self.0);
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for ProviderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderKey(..)")
    }
}

/// HMAC-SHA256 under a key of 32 bytes.
pub(crate) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    // A key shorter than the block is padded with zeros by the standard itself.
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 2 has the key "Jefe": four bytes, zero padded.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mut mac = hmac(&key);
        mac.update(b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(mac.finalize().into_bytes()), expected);
    }

    #[test]
    fn every_part_is_signed() {
        let key = ProviderKey::new([1; 32]);
        let base = key.sign_request("POST", "/p", "t", "n", b"b");
        for other in [
            key.sign_request("GET", "/p", "t", "n", b"b"),
            key.sign_request("POST", "/q", "t", "n", b"b"),
            key.sign_request("POST", "/p", "u", "n", b"b"),
            key.sign_request("POST", "/p", "t", "m", b"b"),
            key.sign_request("POST", "/p", "t", "n", b"c"),
            ProviderKey::new([2; 32]).sign_request("POST", "/p", "t", "n", b"b"),
        ] {
            assert!(!ProviderKey::same(&base, &other));
        }
        assert!(ProviderKey::same(&base, &key.sign_request("POST", "/p", "t", "n", b"b")));
        assert!(!ProviderKey::same(&base, ""));
    }
}
