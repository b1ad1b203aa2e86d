//! A message channel asked over signed HTTP.

use super::contract::{MESSAGE_PATH, MessageReply, MessageResult, MessageWire, PaymentWire};
use super::{Message, Messenger, Sent};
use crate::signed_http::SignedHttp;
use crate::wire::ProviderKey;
use std::sync::Arc;
use std::time::Duration;
use types::Random;

/// How long a channel is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// A channel behind the HTTP contract.
pub struct HttpMessenger {
    http: SignedHttp,
}

impl HttpMessenger {
    /// A channel at `url` (scheme and authority, `http://127.0.0.1:9002`).
    ///
    /// # Errors
    /// What the HTTP client says if it cannot be built.
    pub fn new(url: &str, key: ProviderKey, random: Arc<dyn Random>) -> Result<Self, String> {
        Ok(Self { http: SignedHttp::new(url, key, PATIENCE, random)? })
    }
}

#[async_trait::async_trait]
impl Messenger for HttpMessenger {
    async fn send(&self, message: &Message) -> Sent {
        // In the clear inside the channel's own TLS: it has to print them.
        let wire = MessageWire {
            message_no: message.message_no.clone(),
            phone: message.phone.expose().to_owned(),
            purpose: message.purpose.word().to_owned(),
            code: message.code.expose().to_owned(),
            minutes: message.minutes,
            payment: message.payment.as_ref().map(|payment| PaymentWire {
                amount: payment.yuan(),
                currency: "CNY".to_owned(),
                payee: payment.payee.clone(),
            }),
            text: message.text(),
            at: message.at,
        };
        match self.http.post::<MessageReply>(MESSAGE_PATH, message.at, &wire).await {
            Ok(reply) if reply.message_no != message.message_no => {
                Sent::Down { why: "the answer is not to this message".to_owned() }
            }
            Ok(MessageReply { result: MessageResult::Accepted, .. }) => Sent::Accepted,
            Ok(MessageReply { result: MessageResult::Refused, .. }) => Sent::Refused,
            Err(why) => Sent::Down { why },
        }
    }
}
