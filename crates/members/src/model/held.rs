//! What a user holds to prove itself, as an operator may see it: that it is there, since when, and
//! whether it is locked. No type here has room for a secret.

use super::agreement::Agreement;
use super::device_key::DeviceKey;
use super::lockout::Standing;
use money::Amount;
use types::{Text, Timestamp};

/// A payment password or a gesture that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldSecret {
    /// When it was set or last changed.
    pub set_at: Timestamp,
    /// Its tries.
    pub tries: Standing,
}

/// An authenticator app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldApp {
    /// When its secret was given out.
    pub enrolled_at: Timestamp,
    /// When a first code confirmed it; until then it opens nothing.
    pub confirmed_at: Option<Timestamp>,
    /// Its tries.
    pub tries: Standing,
}

/// A device key, and what it is worth here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldKey {
    /// The key.
    pub key: DeviceKey,
    /// Whether it stands above the payment password.
    pub assured: bool,
}

/// An agreement with a merchant, in force or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAgreement {
    /// What was agreed.
    pub agreement: Agreement,
    /// The merchant's name.
    pub merchant_name: Option<Text>,
    /// Used or held of the day's limit.
    pub used_today: Amount,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

/// All that a user holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The payment password.
    pub password: Option<HeldSecret>,
    /// The gesture password.
    pub gesture: Option<HeldSecret>,
    /// The authenticator app.
    pub app: Option<HeldApp>,
    /// Device keys, oldest first; without those that were removed.
    pub device_keys: Vec<HeldKey>,
    /// Agreements, password-free before withholding, each oldest first.
    pub agreements: Vec<HeldAgreement>,
}
