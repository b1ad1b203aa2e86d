//! The key pad: how a payment password travels, both halves of it.
//!
//! A client seals the password to a public key of the house ([`seal`]); the house opens it with the
//! private one ([`PrivateKey::open`]). What the password is for ([`Binding`]), who types it, a
//! one-time value and the moment are associated data in every [`Suite`], so that an envelope opens
//! for one use only. The form is docs/reference/password-envelope.md; `clients/keypad` is a client
//! for browsers. This crate keeps no keys and counts no tries: that is members'.

mod base64url;
mod chance;
mod envelope;
mod hybrid;
mod key;
mod sealed_by_hpke;
mod sealed_by_rsa;
#[cfg(feature = "sm2")]
mod sealed_by_sm2;
mod suite;

pub use envelope::{Binding, Envelope, Nonce, OpenError};
pub use key::{KeyError, PrivateKey, PublicKeyInfo, SealError, seal};
pub use suite::Suite;

#[cfg(test)]
mod tests;
