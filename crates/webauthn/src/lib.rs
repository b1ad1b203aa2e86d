//! Device keys, checked: registrations and assertions of WebAuthn Level 3, and Secure Payment
//! Confirmation.
//!
//! Everything here is a pure function of bytes, what was expected of them, and a moment. The steps
//! are those of W3C Web Authentication Level 3, §7.1 ([`register`]) and §7.2 ([`assert`]), in their
//! order, and of Secure Payment Confirmation ([`PaymentTerms`]); each refusal is a [`Fault`] with
//! a stable code. The parsers take one form of every value: definite lengths, shortest integers,
//! keys in CTAP2's canonical order, no byte left over.
//!
//! Attestation statements are `none` and `packed`; of the latter, self attestation and
//! certificates. The algorithms are ES256, EdDSA over Ed25519, and RS256.

mod assertion;
mod attestation;
mod auth_data;
mod certificates;
mod client_data;
mod cose;
mod fault;
mod options;
mod payment;
mod registration;
#[cfg(feature = "soft")]
pub mod soft;
mod text;

pub use assertion::{Assertion, Known, Seen, Use, assert};
pub use attestation::{Attestation, AttestationObject, Statement};
pub use auth_data::{Attested, AuthenticatorData, Flags};
pub use certificates::{Roots, RootsError};
pub use client_data::ClientData;
pub use cose::{Algorithm, PublicKey};
pub use fault::Fault;
pub use options::{CreationOptions, NewKey, Person, RequestOptions, SpcRequest};
pub use payment::{Instrument, Payment, PaymentTerms, Total};
pub use registration::{Credential, Registration, RelyingParty, register};
pub use text::{from_base64, to_base64};

/// The largest client data that is looked at, bytes.
pub const MAX_CLIENT_DATA: usize = 8_192;
/// The largest attestation object that is looked at, bytes: a chain of certificates fits.
pub const MAX_ATTESTATION_OBJECT: usize = 16_384;
/// The largest authenticator data that is looked at, bytes.
pub const MAX_AUTHENTICATOR_DATA: usize = 4_096;
/// The largest signature that is looked at, bytes: RSA of 8192 bits.
pub const MAX_SIGNATURE: usize = 1_024;
/// How long a credential id may be, bytes (§4, "Credential ID"; §7.1 step 25).
pub const CREDENTIAL_ID: std::ops::RangeInclusive<usize> = 16..=1_023;
