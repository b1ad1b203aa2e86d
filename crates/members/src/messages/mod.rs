//! Messages to phones (短信): an outside channel that carries one-time codes.
//!
//! The wire contract is docs/reference/message-contract.md; [`HttpMessenger`] keeps our side of it.

mod contract;
mod http;

pub use contract::{MESSAGE_PATH, MessageReply, MessageResult, MessageWire};
pub use http::HttpMessenger;

use types::{Masked, Timestamp};

/// One message to one phone.
#[derive(Debug, Clone)]
pub struct Message {
    /// Our number of the message; a channel sends the same number once.
    pub message_no: String,
    /// To whom.
    pub phone: Masked,
    /// What the code is for, by its word (`merge`).
    pub purpose: &'static str,
    /// The code.
    pub code: Masked,
    /// How many minutes it is good for.
    pub minutes: u32,
    /// When it is sent.
    pub at: Timestamp,
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
