//! Black, grey and white lists.

use serde::{Deserialize, Serialize};
use types::Timestamp;

/// What kind of list an entry stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Known good: rules may treat it more gently.
    White,
    /// Suspicious: rules may treat it more strictly.
    Grey,
    /// Never again: the event is rejected whatever any rule says.
    Black,
}

/// Which element an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// A customer id.
    Customer,
    /// A user id.
    User,
    /// A device fingerprint.
    Device,
    /// A network address.
    Ip,
    /// An instrument token.
    Card,
    /// A merchant id.
    Merchant,
    /// The id of a user who is paid.
    PayeeUser,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Which element.
    pub listed: Listed,
    /// Its value, 1 to 128 characters.
    pub value: String,
    /// Which list.
    pub level: Level,
    /// Who put it there: an operator, another system.
    pub source: String,
    /// Why.
    pub reason: String,
    /// Until when; `None` = until removed.
    pub expires_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
}
