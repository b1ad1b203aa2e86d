//! Webhooks: the final state of an order, told to its merchant in the shape of Standard Webhooks
//! (standardwebhooks.com), at least once, in order for each order, tried again over days.
//!
//! The message is written in the unit that makes the order final ([`message`]); [`Dispatcher`]
//! delivers what the outbox holds. A receiver tells repeats by `webhook-id` and proves the sender
//! by `webhook-signature`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use members::Members;
use records::Records;
use records::outbox::{self, OutboxMessage, StoredMessage};
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

/// How a secret starts that is base64.
const SECRET_PREFIX: &str = "whsec_";
/// How long one delivery may take, as the specification recommends at most.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many messages are delivered at the same time.
const AT_ONCE: usize = 16;
/// How many messages are claimed at a time.
const CLAIM: u64 = 64;

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
            "merchant_id": order.merchant,
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

/// The signature of a message: `v1,` and the base64 of HMAC-SHA256 over id, moment and body.
///
/// A secret that starts with `whsec_` is base64 after it; any other is taken as its own bytes.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> String {
    let decoded = secret.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
    let key = decoded.unwrap_or_else(|| secret.as_bytes().to_vec());
    // HMAC takes keys of any length: the error cannot be.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&key) else {
        return String::new();
    };
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
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
    http: reqwest::Client,
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
    pub fn new(records: Records, members: Members) -> Result<Self, Problem> {
        // A redirect would carry a signed message to somebody else; a proxy from the environment
        // would see it.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|e| problems::fault("the webhooks' HTTP client cannot be made", &e))?;
        Ok(Self { records, members, http })
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
            Err(reason) => {
                let next = outbox::failed(&self.records, message.seq, &reason, now).await?;
                tracing::info!(id = message.id(), reason, ?next, "a webhook was not taken");
                Ok(false)
            }
        }
    }

    async fn post(&self, message: &StoredMessage, now: Timestamp) -> Result<(), String> {
        let body: Body = serde_json::from_str(&message.payload).map_err(|e| e.to_string())?;
        let secret = self
            .members
            .webhook_secret(body.data.merchant_id)
            .ok_or_else(|| "the merchant has no secret".to_owned())?;
        let (id, seconds) = (message.id(), now.as_millis().div_euclid(1_000));
        // The plain secret is needed here and nowhere else: it signs.
        let signature = signature(secret.expose(), &id, seconds, &message.payload);
        let answer = self
            .http
            .post(&message.destination)
            .header("content-type", "application/json")
            .header(ID_HEADER, id)
            .header(TIMESTAMP_HEADER, seconds)
            .header(SIGNATURE_HEADER, signature)
            .body(message.payload.clone())
            .send()
            .await
            .map_err(|e| e.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("answered {status}")) }
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
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
