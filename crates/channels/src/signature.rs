//! HMAC-SHA256 over what a request, and its answer, say.
//!
//! A request signs `method \n path \n timestamp \n nonce \n body`; its answer signs
//! `status \n nonce \n body` with the request's nonce, so that an answer of another request, or a
//! proxy's own 404, is never taken for the channel's word.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key that an institution and one channel share: 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelKey([u8; 32]);

/// What of a request is signed besides its body.
#[derive(Debug, Clone, Copy)]
pub struct RequestHead<'a> {
    /// Upper-case method.
    pub method: &'a str,
    /// Path, as sent.
    pub path: &'a str,
    /// The timestamp header.
    pub timestamp: &'a str,
    /// The nonce header.
    pub nonce: &'a str,
}

impl ChannelKey {
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

    /// The signature of a request, 64 lower-case hexadecimal digits.
    pub fn sign_request(&self, head: RequestHead<'_>, body: &[u8]) -> String {
        hex::encode(self.request_mac(head, body).finalize().into_bytes())
    }

    /// Whether the signature is this request's; takes the same time wherever it differs.
    pub fn verify_request(&self, head: RequestHead<'_>, body: &[u8], signature: &str) -> bool {
        verify(self.request_mac(head, body), signature)
    }

    /// The signature of an answer to the request that carried this nonce.
    pub fn sign_answer(&self, status: u16, nonce: &str, body: &[u8]) -> String {
        hex::encode(self.answer_mac(status, nonce, body).finalize().into_bytes())
    }

    /// Whether the signature is this answer's.
    pub fn verify_answer(&self, status: u16, nonce: &str, body: &[u8], signature: &str) -> bool {
        verify(self.answer_mac(status, nonce, body), signature)
    }

    fn mac(&self) -> Hmac<Sha256> {
        // HMAC takes a key of any length; the fallback is never reached.
        Hmac::new_from_slice(&self.0)
            .unwrap_or_else(|_| Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default()))
    }

    fn request_mac(&self, head: RequestHead<'_>, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac();
        for part in [head.method, head.path, head.timestamp, head.nonce] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        mac.update(body);
        mac
    }

    fn answer_mac(&self, status: u16, nonce: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac();
        mac.update(status.to_string().as_bytes());
        mac.update(b"\n");
        mac.update(nonce.as_bytes());
        mac.update(b"\n");
        mac.update(body);
        mac
    }
}

fn verify(mac: Hmac<Sha256>, signature: &str) -> bool {
    let mut given = [0; 32];
    // Comparing the decoded bytes leaves no room for a second spelling; `verify_slice` is
    // constant-time.
    signature.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && hex::decode_to_slice(signature, &mut given).is_ok()
        && mac.verify_slice(&given).is_ok()
}

impl std::fmt::Debug for ChannelKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChannelKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: RequestHead<'_> = RequestHead {
        method: "POST",
        path: "/v1/pay",
        timestamp: "2026-10-12T09:00:00.000+08:00",
        nonce: "00112233445566778899aabbccddeeff",
    };

    /// The values stand in docs/reference/channel-contract.md for builders in other languages.
    #[test]
    fn the_documented_vectors() {
        let key = ChannelKey::new([7; 32]);
        assert_eq!(
            key.sign_request(HEAD, b"{}"),
            "7b71080b7fe1f76180ff71d7e4282c005d75212eaa5b06ee0c969af67b906cf9"
        );
        assert_eq!(
            key.sign_answer(404, HEAD.nonce, b"{}"),
            "e6dc073c1b189a450f13843de6c3447ecc2374065fadd8c6b209528b6d765124"
        );
    }

    #[test]
    fn every_part_counts() {
        let key = ChannelKey::new([7; 32]);
        let signature = key.sign_request(HEAD, b"{}");
        assert!(key.verify_request(HEAD, b"{}", &signature));
        let others = [
            RequestHead { method: "GET", ..HEAD },
            RequestHead { path: "/v1/refund", ..HEAD },
            RequestHead { timestamp: "2026-10-12T09:00:00.001+08:00", ..HEAD },
            RequestHead { nonce: "00112233445566778899aabbccddeefe", ..HEAD },
        ];
        for other in others {
            assert!(!key.verify_request(other, b"{}", &signature), "{other:?}");
        }
        assert!(!key.verify_request(HEAD, b"{} ", &signature));
        assert!(!ChannelKey::new([8; 32]).verify_request(HEAD, b"{}", &signature));
        for wrong in ["", "00", &signature.to_uppercase(), &format!("{signature}00")] {
            assert!(!key.verify_request(HEAD, b"{}", wrong), "{wrong}");
        }
    }

    #[test]
    fn an_answer_belongs_to_its_request() {
        let key = ChannelKey::new([7; 32]);
        let signature = key.sign_answer(404, HEAD.nonce, b"{}");
        assert!(key.verify_answer(404, HEAD.nonce, b"{}", &signature));
        assert!(!key.verify_answer(200, HEAD.nonce, b"{}", &signature));
        assert!(!key.verify_answer(404, "other", b"{}", &signature));
    }

    #[test]
    fn a_key_is_sixty_four_digits_and_is_never_printed() {
        let text = "07".repeat(32);
        assert_eq!(ChannelKey::from_hex(&text), Some(ChannelKey::new([7; 32])));
        assert_eq!(ChannelKey::from_hex(&text[2..]), None);
        assert!(!format!("{:?}", ChannelKey::new([7; 32])).contains('7'));
    }
}
