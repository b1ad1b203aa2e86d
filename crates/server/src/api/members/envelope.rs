//! The shape of a sealed payment password, for the API's description.

/// A payment password sealed to the key of `/v1/password-key`: docs/reference/password-envelope.md.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes members::keypad::Envelope, which is what is read")]
pub struct EnvelopeBody {
    /// By which suite it is sealed: `hpke`, `rsa-oaep-256`, `sm2`.
    suite: String,
    /// The key it is sealed to.
    key_id: String,
    /// The one-time value of `/v1/users/{user}/password-nonce` that it uses up.
    nonce: String,
    /// When the client sealed it, RFC 3339; it is good for a few minutes.
    sealed_at: String,
    /// Encapsulated or wrapped key, base64url without padding.
    enc: String,
    /// Sealed password, base64url without padding.
    ciphertext: String,
}
