//! The shape of a sealed payment password, and the body of the endpoints that take one and nothing
//! else.

use crate::problem::{Refusal, renamed};
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;

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

/// One sealed secret. What it is bound to stands with the endpoint.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedBody {
    #[schema(value_type = EnvelopeBody)]
    pub(super) envelope: Envelope,
}

/// What the members' room calls otherwise than [`SealedBody`] does.
pub(super) const SEALED: [(&str, &str); 1] = [("password", "envelope")];

/// The answer of an endpoint that takes a [`SealedBody`] and has nothing to tell.
pub(super) fn done(result: Result<(), members::Error>) -> Result<StatusCode, Refusal> {
    result.map_err(|error| renamed(error.into(), &SEALED))?;
    Ok(StatusCode::NO_CONTENT)
}
