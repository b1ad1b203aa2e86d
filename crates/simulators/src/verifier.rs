//! A real-name verification provider that pretends, as a real HTTP service on a port of its own.
//!
//! It keeps the contract of [`members::verification`]: signed requests, signed answers, the same
//! number answered alike. Who exists is what it has been told ([`VerifierSimulator::declare`]) or,
//! unless it is strict, whoever is claimed first: the first name claimed for a document number is
//! the true one ever after, and so is the first holder and phone of a card.

use crate::Error;
use crate::service::Service;
use crate::signed::{self, Said};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use members::verification::{
    CHECK_PATH, CheckReply, CheckWire, MAX_JSON_BYTES, ProviderKey, Verdict,
};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Answers remembered at most; a provider that has said more begins to forget.
const MOST_ANSWERS: usize = 1_000_000;
/// Parts in a whole, for chances.
const MILLION: u64 = 1_000_000;

/// How one provider pretends.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// The code by which its callers name it.
    pub code: String,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key it shares with its caller.
    pub key: ProviderKey,
    /// What its chances follow from, with the number of the check.
    pub seed: u64,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many of a million checks it fails to answer the first time (503).
    pub down_ppm: u32,
    /// Whether it knows only whom it was told of.
    pub strict: bool,
}

impl VerifierConfig {
    /// One that answers at once, never fails and believes the first claim.
    pub const fn quick(code: String, listen: SocketAddr, key: ProviderKey, seed: u64) -> Self {
        Self { code, listen, key, seed, latency: Duration::ZERO, down_ppm: 0, strict: false }
    }
}

/// A running verifier. Dropping it ends the service.
pub struct VerifierSimulator {
    desk: Arc<Desk>,
    service: Service,
}

struct Desk {
    config: VerifierConfig,
    away: AtomicBool,
    checks: AtomicU64,
    files: Mutex<Files>,
}

/// What the provider knows and has said.
#[derive(Default)]
struct Files {
    /// Name by document number.
    people: HashMap<String, String>,
    /// Document number and phone by card.
    cards: HashMap<String, (String, String)>,
    /// Digest of the request and the answer, by number.
    answers: HashMap<String, (blake3::Hash, CheckReply)>,
    /// Checks that were not answered the first time.
    stumbled: HashSet<String>,
}

impl VerifierSimulator {
    /// Listens, and serves on the caller's runtime.
    ///
    /// # Errors
    /// [`Error::Listen`] if the port cannot be had.
    pub async fn start(config: VerifierConfig) -> Result<Self, Error> {
        let address = config.listen;
        let desk = Arc::new(Desk {
            config,
            away: AtomicBool::new(false),
            checks: AtomicU64::new(0),
            files: Mutex::new(Files::default()),
        });
        let router = Router::new()
            .route(CHECK_PATH, post(check))
            .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
            .with_state(Arc::clone(&desk));
        Ok(Self { desk, service: Service::start(address, router).await? })
    }

    /// The address as a provider's configuration wants it.
    pub fn url(&self) -> String {
        self.service.url()
    }

    /// Tells it of a person.
    pub fn declare(&self, name: &str, id_number: &str) {
        self.desk.files().people.insert(id_number.to_owned(), name.to_owned());
    }

    /// Sends it away (every check is answered 503), or back.
    pub fn set_away(&self, away: bool) {
        self.desk.away.store(away, Ordering::SeqCst);
    }

    /// Checks it has been asked, answered or not.
    pub fn checks(&self) -> u64 {
        self.desk.checks.load(Ordering::SeqCst)
    }

    /// Ends the service.
    pub async fn stop(self) {
        self.service.stop().await;
    }
}

impl std::fmt::Debug for VerifierSimulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifierSimulator").field("url", &self.url()).finish_non_exhaustive()
    }
}

async fn check(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    desk.checks.fetch_add(1, Ordering::SeqCst);
    if !desk.config.latency.is_zero() {
        tokio::time::sleep(desk.config.latency).await;
    }
    let said = match desk.read(&headers, &body) {
        Ok(request) => desk.answer(&request, &body),
        Err(refusal) => refusal,
    };
    signed::send(&desk.config.key, &headers, said)
}

impl Desk {
    fn files(&self) -> std::sync::MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<CheckWire, Said> {
        let request: CheckWire = signed::read(&self.config.key, CHECK_PATH, headers, body)?;
        let card_half = request.card_number.is_some() != request.card_phone.is_some();
        if request.provider != self.config.code || request.request_no.is_empty() || card_half {
            return Err(signed::refusal(StatusCode::BAD_REQUEST, "request_invalid"));
        }
        Ok(request)
    }

    fn answer(&self, request: &CheckWire, body: &[u8]) -> Said {
        let mut files = self.files();
        let number = &request.request_no;
        if self.away.load(Ordering::SeqCst) || self.stumbles(&mut files, number) {
            return signed::refusal(StatusCode::SERVICE_UNAVAILABLE, "away");
        }
        let digest = blake3::hash(&without_moment(request, body));
        if let Some((first, reply)) = files.answers.get(number) {
            return if *first == digest {
                signed::granted(reply)
            } else {
                signed::refusal(StatusCode::CONFLICT, "request_conflict")
            };
        }
        let true_claim = self.is_true(&mut files, request);
        let result = if true_claim { Verdict::Match } else { Verdict::Mismatch };
        let reference = format!("{}-{}", self.config.code, self.chance(number, b"reference"));
        let reply = CheckReply { request_no: number.clone(), reference, result };
        let said = signed::granted(&reply);
        if files.answers.len() >= MOST_ANSWERS {
            files.answers.clear();
        }
        files.answers.insert(number.clone(), (digest, reply));
        said
    }

    /// Whether this check is one it fails to answer the first time.
    fn stumbles(&self, files: &mut Files, number: &str) -> bool {
        self.chance(number, b"down") % MILLION < u64::from(self.config.down_ppm)
            && files.stumbled.insert(number.to_owned())
    }

    fn is_true(&self, files: &mut Files, request: &CheckWire) -> bool {
        let strict = self.config.strict;
        let known = files.people.get(&request.id_number).cloned();
        let person = match known {
            Some(name) => name == request.name,
            None if strict => false,
            None => {
                files.people.insert(request.id_number.clone(), request.name.clone());
                true
            }
        };
        let (Some(card), Some(phone)) = (&request.card_number, &request.card_phone) else {
            return person;
        };
        let holder = (request.id_number.clone(), phone.clone());
        match files.cards.get(card) {
            Some(known) => person && *known == holder,
            // A card nobody has claimed belongs to whoever exists and claims it first.
            None if person => {
                files.cards.insert(card.clone(), holder);
                true
            }
            None => false,
        }
    }

    /// A number that follows from the seed, the check and what it is for.
    fn chance(&self, number: &str, what: &[u8]) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.config.seed.to_be_bytes()).update(what).update(number.as_bytes());
        let mut bytes = [0; 8];
        hasher.finalize_xof().fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }
}

/// The request as it counts for being the same again: a retry is made at a later moment.
fn without_moment(request: &CheckWire, body: &[u8]) -> Vec<u8> {
    let mut same = request.clone();
    same.at = types::Timestamp::from_micros(0);
    serde_json::to_vec(&same).unwrap_or_else(|_| body.to_vec())
}
