//! The wire contract of a message channel: one signed JSON call.

use serde::{Deserialize, Serialize};
use types::{Text, Timestamp};

/// Where a message is posted.
pub const MESSAGE_PATH: &str = "/v1/messages";

/// What a code for an order lets be paid, for a text that the channel keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentWire {
    /// How much, in yuan with two decimals.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// Who is paid, in both languages; absent where nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Text>,
}

/// A message as sent. Has no `Debug`: it holds a phone and a code in the clear.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageWire {
    /// Our number of the message.
    pub message_no: String,
    /// The phone, eleven digits.
    pub phone: String,
    /// Which approved text it is: what the code is for.
    pub purpose: String,
    /// The code, six digits.
    pub code: String,
    /// How many minutes it is good for.
    pub minutes: u32,
    /// For an order: what is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentWire>,
    /// The whole text in both languages, with all of the above.
    pub text: Text,
    /// When it is sent.
    pub at: Timestamp,
}

/// Whether the channel carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageResult {
    /// It does.
    Accepted,
    /// It does not, and will not.
    Refused,
}

/// A channel's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageReply {
    /// Our number, back.
    pub message_no: String,
    /// Its own number.
    pub reference: String,
    /// Whether it carries it.
    pub result: MessageResult,
}
