//! The keys that seal personal data at rest, and find it again without opening it.

use std::path::Path;

use types::{Masked, Random};
use zeroize::Zeroizing;

/// Why a key or a sealed value was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// A key file cannot be read or written.
    #[error("key file {file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// The system's reason.
        reason: String,
    },
    /// A key file does not have the form of one.
    #[error("key file {file} is damaged: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Some keys are there and this one is not: making a new one would lose data.
    #[error("key file {file} is missing while others are there: restore it from the backup")]
    Missing {
        /// The file.
        file: String,
    },
    /// Others may read a key file.
    #[error("key file {file} may be read by others (mode {mode:o}): chmod 600 it")]
    Exposed {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The sealed value is shorter than any sealed value.
    #[error("the sealed value is cut: {length} bytes")]
    Cut {
        /// Its length.
        length: usize,
    },
    /// The sealed value is of a form this program does not know.
    #[error("the sealed value has form {form}, which this program does not know")]
    UnknownForm {
        /// The first byte.
        form: u8,
    },
    /// It was sealed under a key that the ring does not hold.
    #[error("it was sealed under key {key}, which the ring does not hold")]
    UnknownKey {
        /// The key's id in hexadecimal.
        key: String,
    },
    /// The value was altered, or belongs to another place than it was read from.
    #[error("the sealed value was altered or belongs to another place")]
    Altered,
}

/// The key ring.
#[derive(Debug)]
pub struct Secrets {}

impl Secrets {
    /// Opens the ring in `dir`, making the directory and its keys (mode 0600) at first use.
    pub fn open(_dir: &Path, _random: &dyn Random) -> Result<Self, SecretsError> {
        unimplemented!()
    }

    /// Seals `plain` (AES-256-GCM) for the place `aad` names (`members.user.phone|usr_..`): moved
    /// elsewhere it does not open.
    pub fn seal(&self, _plain: &[u8], _aad: &[u8], _random: &dyn Random) -> Vec<u8> {
        unimplemented!()
    }

    /// Opens what [`Secrets::seal`] made for the same place.
    pub fn unseal(&self, _sealed: &[u8], _aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        unimplemented!()
    }

    /// Seals a person's text.
    pub fn seal_text(&self, _plain: &Masked, _aad: &[u8], _random: &dyn Random) -> Vec<u8> {
        unimplemented!()
    }

    /// Opens a person's text; it stays masked.
    pub fn unseal_text(&self, _sealed: &[u8], _aad: &[u8]) -> Result<Masked, SecretsError> {
        unimplemented!()
    }

    /// A keyed hash (HMAC-SHA256) under which an equal value of the same domain is found again.
    pub fn blind_index(&self, _domain: &str, _value: &[u8]) -> [u8; 32] {
        unimplemented!()
    }

    /// The secret that is mixed into every password hash.
    pub fn pepper(&self) -> &[u8; 32] {
        unimplemented!()
    }

    /// A key for one purpose and one holder (`webhook`, a merchant's id), always the same.
    pub fn derive_key(&self, _purpose: &str, _holder: &[u8]) -> Zeroizing<[u8; 32]> {
        unimplemented!()
    }

    /// Adds a new sealing key; what was sealed before stays readable.
    pub fn rotate(&mut self, _random: &dyn Random) -> Result<(), SecretsError> {
        unimplemented!()
    }

    /// Whether `sealed` is under an older key than the newest.
    pub fn is_stale(&self, _sealed: &[u8]) -> bool {
        unimplemented!()
    }
}
