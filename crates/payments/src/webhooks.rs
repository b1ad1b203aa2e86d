//! Webhooks: the final state of an order, told to its merchant in the shape of Standard Webhooks
//! (standardwebhooks.com), at least once, in order for each order, tried again over days.
//!
//! The message is written in the unit that makes the order final ([`message`]); [`Dispatcher`]
//! delivers what the outbox holds, to where a merchant may have it sent ([`Config`]). A receiver
//! tells repeats by `webhook-id` and proves the sender by `webhook-signature`
//! (docs/reference/webhooks.md).

mod sender;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use members::Members;
use records::Records;
use records::outbox::{self, OutboxMessage, StoredMessage};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sender::Sender;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use types::{Clock, MerchantId, Problem, Timestamp};

use crate::model::order::Order;
use crate::problems;

/// The header with the message's id.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the moment of the attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// How a secret starts; base64 follows.
const SECRET_PREFIX: &str = "whsec_";
/// How many messages are delivered at the same time.
const AT_ONCE: usize = 16;
/// How many messages are claimed at a time.
const CLAIM: u64 = 64;

/// What an installation decides about webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether messages may go to addresses that are not of the public Internet: this machine, its
    /// private networks, a cloud's metadata. Default: false.
    pub internal_targets: bool,
}

/// The message of an order that has become final at `at`.
pub fn message(order: &Order, url: String, at: Timestamp) -> OutboxMessage {
    let topic = format!("order.{}", order.status().word());
    let failure = order.failure.as_ref().map(
        |failure| json!({ "code": failure.code, "en": failure.reason.en, "zh": failure.reason.zh }),
    );
    let payload = json!({
        "type": topic,
        "timestamp": at,
        "data": {
            "order_id": order.id,
            "merchant_id": order.placed_by(),
            "key": order.key,
            "kind": order.kind,
            "status": order.status(),
            "amount_minor": order.amount,
            "currency": "CNY",
            "channel": order.channel,
            "refund_of": order.refund_of,
            "subject": order.subject,
            "accounting_date": order.date,
            "created_at": order.created_at,
            "finished_at": at,
            "failure": failure,
        },
    });
    OutboxMessage { topic, key: order.id.to_string(), destination: url, payload, now: at }
}

/// The signature of a message: `v1,` and the base64 of HMAC-SHA256 over id, moment and body, keyed
/// by what the secret is the base64 of after `whsec_`. None for a secret of another form.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// What one round of the dispatcher did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Messages the receivers took.
    pub delivered: u64,
    /// Attempts that failed; they are tried again later, or given up.
    pub failed: u64,
}

/// Delivers what the outbox holds. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    records: Records,
    members: Members,
    sender: Sender,
}

/// The part of a message's body that says who signs it.
#[derive(Deserialize)]
struct Body {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    merchant_id: MerchantId,
}

impl Dispatcher {
    /// A dispatcher of these records' messages; secrets are the merchants' own.
    pub fn new(records: Records, members: Members, config: Config) -> Result<Self, Problem> {
        Ok(Self { records, members, sender: Sender::new(config)? })
    }

    /// Delivers everything that is due at `now`, as far as receivers take it.
    pub async fn deliver_due(&self, now: Timestamp) -> Result<Delivered, Problem> {
        let mut done = Delivered::default();
        loop {
            let messages = outbox::claim(&self.records, now, CLAIM).await?;
            if messages.is_empty() {
                return Ok(done);
            }
            let results: Vec<_> = futures::stream::iter(messages)
                .map(|message| self.deliver(message, now))
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            for taken in results {
                if taken? {
                    done.delivered = done.delivered.saturating_add(1);
                } else {
                    done.failed = done.failed.saturating_add(1);
                }
            }
        }
    }

    /// Delivers again and again until `stop` is ready.
    pub async fn run(
        &self,
        clock: Arc<dyn Clock>,
        every: Duration,
        stop: impl Future<Output = ()>,
    ) {
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(every) => {}
            }
            if let Err(problem) = self.deliver_due(clock.now()).await {
                tracing::warn!(%problem, "webhooks were not delivered; they will be tried again");
            }
        }
    }

    /// One attempt; the outbox keeps the schedule.
    async fn deliver(&self, message: StoredMessage, now: Timestamp) -> Result<bool, Problem> {
        match self.post(&message, now).await {
            Ok(()) => {
                outbox::delivered(&self.records, message.seq, now).await?;
                Ok(true)
            }
            Err(problem) => {
                let reason = problem.to_string();
                let next = outbox::failed(&self.records, message.seq, &reason, now).await?;
                tracing::info!(id = message.id(), reason, ?next, "a webhook was not taken");
                Ok(false)
            }
        }
    }

    async fn post(&self, message: &StoredMessage, now: Timestamp) -> Result<(), Problem> {
        let headers = self.headers(message, now)?;
        self.sender.post(&message.destination, headers, message.payload.clone()).await
    }

    /// The headers of an attempt at `now`, with the merchant's signature.
    fn headers(&self, message: &StoredMessage, now: Timestamp) -> Result<HeaderMap, Problem> {
        let body: Body = serde_json::from_str(&message.payload)
            .map_err(|e| problems::fault("a message has no merchant", &e))?;
        let merchant = body.data.merchant_id;
        let secret =
            self.members.webhook_secret(merchant).ok_or_else(problems::merchant_not_found)?;
        let (id, seconds) = (message.id(), now.as_millis().div_euclid(1_000));
        // The plain secret is needed here and nowhere else: it signs.
        let signature = signature(secret.expose(), &id, seconds, &message.payload)
            .ok_or_else(|| problems::fault("a secret does not sign", &merchant))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [
            (ID_HEADER, id),
            (TIMESTAMP_HEADER, seconds.to_string()),
            (SIGNATURE_HEADER, signature),
        ] {
            let value = HeaderValue::try_from(value)
                .map_err(|e| problems::fault("a header cannot be written", &e))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks reference libraries.
    #[test]
    fn signatures_are_those_of_the_reference() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_secret_of_another_form_signs_nothing() {
        for secret in ["", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_abc-_w"] {
            assert_eq!(signature(secret, "msg_1", 1, "{}"), None, "{secret}");
        }
    }
}
