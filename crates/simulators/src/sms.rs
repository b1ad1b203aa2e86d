//! A message channel that pretends, as a real HTTP service on a port of its own.
//!
//! It keeps docs/reference/message-contract.md: signed requests, signed answers, the same number
//! sent once. What it carried can be looked at as the phone's owner would ([`SmsSimulator::last`]).

use crate::Error;
use crate::service::Service;
use crate::signed::{self, Said};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use members::messages::{MESSAGE_PATH, MessageReply, MessageResult, MessageWire, PaymentWire};
use members::wire::{MAX_JSON_BYTES, ProviderKey};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use types::Text;

/// Numbers remembered at most; a channel that has sent more begins to forget.
const MOST: usize = 100_000;

/// How a message channel pretends.
#[derive(Debug, Clone)]
pub struct SmsConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key it shares with its caller.
    pub key: ProviderKey,
}

/// A running message channel. Dropping it ends the service.
pub struct SmsSimulator {
    desk: Arc<Desk>,
    service: Service,
}

struct Desk {
    key: ProviderKey,
    away: AtomicBool,
    files: Mutex<Files>,
}

#[derive(Default)]
struct Files {
    /// Digest of the message and the answer, by number.
    answers: HashMap<String, (blake3::Hash, MessageReply)>,
    /// What each phone was sent, oldest first.
    phones: HashMap<String, Vec<MessageWire>>,
    /// Phones that opted out.
    refused: HashSet<String>,
}

impl SmsSimulator {
    /// Listens, and serves on the caller's runtime.
    ///
    /// # Errors
    /// [`Error::Listen`] if the port cannot be had.
    pub async fn start(config: SmsConfig) -> Result<Self, Error> {
        let desk = Arc::new(Desk {
            key: config.key,
            away: AtomicBool::new(false),
            files: Mutex::new(Files::default()),
        });
        let router = Router::new()
            .route(MESSAGE_PATH, post(message))
            .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
            .with_state(Arc::clone(&desk));
        Ok(Self { desk, service: Service::start(config.listen, router).await? })
    }

    /// The address as a configuration wants it.
    pub fn url(&self) -> String {
        self.service.url()
    }

    /// The code of the last message to a phone.
    pub fn last(&self, phone: &str) -> Option<String> {
        let files = self.desk.files();
        Some(files.phones.get(phone)?.last()?.code.clone())
    }

    /// The text of the last message to a phone, as the house wrote it.
    pub fn last_text(&self, phone: &str) -> Option<Text> {
        let files = self.desk.files();
        Some(files.phones.get(phone)?.last()?.text.clone())
    }

    /// What the last message to a phone lets be paid, for a channel with texts of its own.
    pub fn last_payment(&self, phone: &str) -> Option<PaymentWire> {
        let files = self.desk.files();
        files.phones.get(phone)?.last()?.payment.clone()
    }

    /// How many messages a phone was sent.
    pub fn count(&self, phone: &str) -> usize {
        self.desk.files().phones.get(phone).map_or(0, Vec::len)
    }

    /// A phone opts out: it is sent nothing any more.
    pub fn refuse(&self, phone: &str) {
        self.desk.files().refused.insert(phone.to_owned());
    }

    /// Sends the channel away (every message is answered 503), or back.
    pub fn set_away(&self, away: bool) {
        self.desk.away.store(away, Ordering::SeqCst);
    }

    /// Ends the service.
    pub async fn stop(self) {
        self.service.stop().await;
    }
}

impl std::fmt::Debug for SmsSimulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsSimulator").field("url", &self.url()).finish_non_exhaustive()
    }
}

async fn message(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let said = match signed::read::<MessageWire>(&desk.key, MESSAGE_PATH, &headers, &body) {
        Ok(wire) => desk.answer(wire),
        Err(refusal) => refusal,
    };
    signed::send(&desk.key, &headers, said)
}

impl Desk {
    fn files(&self) -> std::sync::MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, wire: MessageWire) -> Said {
        let digits =
            |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(&wire.phone, 11) || !digits(&wire.code, 6) || wire.message_no.is_empty() {
            return signed::refusal(StatusCode::BAD_REQUEST, "message_invalid");
        }
        if self.away.load(Ordering::SeqCst) {
            return signed::refusal(StatusCode::SERVICE_UNAVAILABLE, "away");
        }
        let mut files = self.files();
        // The moment is left out: a retry is made at a later one.
        let digest = blake3::hash(
            format!(
                "{}\n{}\n{}\n{}\n{}\n{}",
                wire.phone, wire.purpose, wire.code, wire.minutes, wire.text.en, wire.text.zh
            )
            .as_bytes(),
        );
        if let Some((first, reply)) = files.answers.get(&wire.message_no) {
            return if *first == digest {
                signed::granted(reply)
            } else {
                signed::refusal(StatusCode::CONFLICT, "message_conflict")
            };
        }
        let refused = files.refused.contains(&wire.phone);
        let reply = MessageReply {
            message_no: wire.message_no.clone(),
            reference: format!("sms-{}", files.answers.len()),
            result: if refused { MessageResult::Refused } else { MessageResult::Accepted },
        };
        if files.answers.len() >= MOST {
            files.answers.clear();
            files.phones.clear();
        }
        if !refused {
            files.phones.entry(wire.phone.clone()).or_default().push(wire);
        }
        let said = signed::granted(&reply);
        files.answers.insert(reply.message_no.clone(), (digest, reply));
        said
    }
}
