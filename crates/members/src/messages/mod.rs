//! Messages to phones (短信): an outside channel that carries one-time codes.
//!
//! The wire contract is docs/reference/message-contract.md; [`HttpMessenger`] keeps our side of it.

mod contract;
mod http;

pub use contract::{MESSAGE_PATH, MessageReply, MessageResult, MessageWire, PaymentWire};
pub use http::HttpMessenger;

use crate::model::code::CodePurpose;
use crate::model::message_text::{self, CodePayment};
use types::{Masked, Text, Timestamp};

/// One message to one phone.
#[derive(Debug, Clone)]
pub struct Message {
    /// Our number of the message; a channel sends the same number once.
    pub message_no: String,
    /// To whom.
    pub phone: Masked,
    /// What the code is for.
    pub purpose: CodePurpose,
    /// For an order: what is paid.
    pub payment: Option<CodePayment>,
    /// The code.
    pub code: Masked,
    /// How many minutes it is good for.
    pub minutes: u32,
    /// When it is sent.
    pub at: Timestamp,
}

impl Message {
    /// The whole text, with the code in the clear: for the channel alone.
    pub fn text(&self) -> Text {
        // Exposed to be read by its addressee.
        let code = self.code.expose();
        message_text::text(self.purpose, self.payment.as_ref(), code, self.minutes)
    }
}

/// What a message channel says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It has taken the message.
    Accepted,
    /// It will not carry it: no such phone, a phone that opted out.
    Refused,
    /// No answer that can be trusted; the message may or may not arrive.
    Down {
        /// What was wrong, for the log; names no person.
        why: String,
    },
}

/// A message channel.
#[async_trait::async_trait]
pub trait Messenger: Send + Sync {
    /// Hands it a message. Never waits longer than its time-out.
    async fn send(&self, message: &Message) -> Sent;
}
