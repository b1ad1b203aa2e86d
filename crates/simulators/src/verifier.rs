//! A real-name verification provider that pretends, as a real HTTP service on a port of its own.
//!
//! It keeps the contract of [`members::verification`]: signed requests, signed answers, the same
//! number answered alike. Which kind of provider it is follows from its terms: it wants to be told
//! what they say, and nothing else. Who exists is what it has been told
//! ([`VerifierSimulator::declare`]) or, unless it is strict, whoever is claimed first: the first
//! name claimed for a document number is the true one ever after, and so is the first holder of a
//! card, a mobile number or an account. It keeps a bill as its terms price it.

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
    CHECK_PATH, CheckReply, CheckWire, MAX_JSON_BYTES, Need, ProviderKey, ProviderTerms, Verdict,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers remembered at most; a provider that has said more begins to forget.
const MOST_ANSWERS: usize = 1_000_000;
/// Parts in a whole, for chances.
const MILLION: u64 = 1_000_000;

/// What can be wrong with a provider's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is away: 503 at once.
    Down,
    /// It answers so much later than its terms say; the work is done.
    Slow(Duration),
    /// Its answer is about another check: nothing that can be trusted. The work is done.
    Wrong,
}

/// How one provider pretends.
#[derive(Debug, Clone)]
pub struct VerifierConfig {
    /// What was agreed with it: its code, what it is told, its price.
    pub terms: ProviderTerms,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key it shares with its caller.
    pub key: ProviderKey,
    /// What its chances follow from, with the number of the check.
    pub seed: u64,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many of a million checks meet this trouble the first time they are asked.
    pub stumbles: Option<(u32, Trouble)>,
    /// Whether it knows only whom it was told of.
    pub strict: bool,
}

impl VerifierConfig {
    /// One that answers at once, never fails and believes the first claim.
    pub const fn quick(
        terms: ProviderTerms,
        listen: SocketAddr,
        key: ProviderKey,
        seed: u64,
    ) -> Self {
        let latency = Duration::ZERO;
        Self { terms, listen, key, seed, latency, stumbles: None, strict: false }
    }
}

/// A running verifier. Dropping it ends the service.
pub struct VerifierSimulator {
    desk: Arc<Desk>,
    service: Service,
}

struct Desk {
    config: VerifierConfig,
    trouble: Mutex<Option<Trouble>>,
    checks: AtomicU64,
    /// Fen owed by its callers.
    bill: AtomicU64,
    files: Mutex<Files>,
}

/// What the provider knows and has said.
#[derive(Default)]
struct Files {
    /// Name by document number.
    people: HashMap<String, String>,
    /// Holder by what else was claimed, such as a card; a card's phone by the card.
    held: HashMap<(Need, String), String>,
    /// Digest of the request and the answer, by number.
    answers: HashMap<String, (blake3::Hash, CheckReply)>,
    /// Checks that met their trouble.
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
            trouble: Mutex::new(None),
            checks: AtomicU64::new(0),
            bill: AtomicU64::new(0),
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

    /// Sends it away, or back.
    pub fn set_away(&self, away: bool) {
        self.set_trouble(away.then_some(Trouble::Down));
    }

    /// What every check meets from now on.
    pub fn set_trouble(&self, trouble: Option<Trouble>) {
        *self.desk.trouble() = trouble;
    }

    /// Fen it will ask for: each check answered once, and if so agreed each call that was not.
    pub fn bill(&self) -> u64 {
        self.desk.bill.load(Ordering::SeqCst)
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
        Ok(request) => match desk.meets(&request.request_no) {
            None => desk.answer(&request, &body),
            Some(trouble) => desk.fail(trouble).await,
        },
        Err(refusal) => refusal,
    };
    signed::send(&desk.config.key, &headers, said)
}

impl Desk {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<CheckWire, Said> {
        let request: CheckWire = signed::read(&self.config.key, CHECK_PATH, headers, body)?;
        let terms = &self.config.terms;
        let document = request.facts.contains_key(&Need::Document);
        let told = terms.needs.iter().eq(request.facts.keys());
        let known = request.id_type.is_none_or(|id_type| terms.documents.contains(&id_type));
        if request.provider != terms.code
            || request.request_no.is_empty()
            || request.id_type.is_some() != document
            || !told
            || !known
        {
            return Err(signed::refusal(StatusCode::BAD_REQUEST, "request_invalid"));
        }
        Ok(request)
    }

    /// The trouble that this call meets.
    fn meets(&self, number: &str) -> Option<Trouble> {
        let set = *self.trouble();
        set.or_else(|| {
            let (ppm, trouble) = self.config.stumbles?;
            let drawn = self.chance(number, b"stumble") % MILLION < u64::from(ppm);
            (drawn && self.files().stumbled.insert(number.to_owned())).then_some(trouble)
        })
    }

    async fn fail(&self, trouble: Trouble) -> Said {
        let terms = &self.config.terms;
        if terms.charges_unanswered {
            self.bill.fetch_add(terms.price.minor(), Ordering::SeqCst);
        }
        match trouble {
            Trouble::Down => signed::refusal(StatusCode::SERVICE_UNAVAILABLE, "away"),
            Trouble::Slow(delay) => {
                tokio::time::sleep(delay).await;
                signed::refusal(StatusCode::GATEWAY_TIMEOUT, "slow")
            }
            Trouble::Wrong => signed::granted(&CheckReply {
                request_no: "another".to_owned(),
                reference: terms.code.clone(),
                result: Verdict::Match,
            }),
        }
    }

    fn answer(&self, request: &CheckWire, body: &[u8]) -> Said {
        let mut files = self.files();
        let number = &request.request_no;
        let digest = blake3::hash(&without_moment(request, body));
        if let Some((first, reply)) = files.answers.get(number) {
            return if *first == digest {
                signed::granted(reply)
            } else {
                signed::refusal(StatusCode::CONFLICT, "request_conflict")
            };
        }
        let true_claim = files.is_true(&request.facts, self.config.strict);
        let result = if true_claim { Verdict::Match } else { Verdict::Mismatch };
        let terms = &self.config.terms;
        let reference = format!("{}-{}", terms.code, self.chance(number, b"reference"));
        let reply = CheckReply { request_no: number.clone(), reference, result };
        let said = signed::granted(&reply);
        if files.answers.len() >= MOST_ANSWERS {
            files.answers.clear();
        }
        files.answers.insert(number.clone(), (digest, reply));
        self.bill.fetch_add(terms.price.minor(), Ordering::SeqCst);
        said
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

impl Files {
    /// Whether all that is claimed belongs together. A person, a card or an account that nobody has
    /// claimed belongs to whoever claims it first, if everything else is true; "no such person" and
    /// "another name" are the same answer.
    fn is_true(&mut self, facts: &BTreeMap<Need, String>, strict: bool) -> bool {
        let fact = |need| facts.get(&need).cloned().unwrap_or_default();
        let (name, document, card) = (fact(Need::Name), fact(Need::Document), fact(Need::Card));
        let person = match self.people.get(&document) {
            _ if document.is_empty() => true,
            Some(known) => name.is_empty() || *known == name,
            None => !strict,
        };
        let holder = if document.is_empty() { name.clone() } else { document.clone() };
        let further = facts.iter().filter(|(need, _)| !matches!(need, Need::Name | Need::Document));
        let claims: Vec<((Need, String), String)> = further
            .map(|(need, value)| match need {
                Need::CardPhone => ((*need, card.clone()), value.clone()),
                _ => ((*need, value.clone()), holder.clone()),
            })
            .collect();
        let held = |(key, holder): &(_, String)| self.held.get(key).is_none_or(|k| k == holder);
        if !person || !claims.iter().all(held) {
            return false;
        }
        if !document.is_empty() && !name.is_empty() {
            self.people.insert(document, name);
        }
        self.held.extend(claims);
        true
    }
}

/// The request as it counts for being the same again: a retry is made at a later moment.
fn without_moment(request: &CheckWire, body: &[u8]) -> Vec<u8> {
    let mut same = request.clone();
    same.at = types::Timestamp::from_micros(0);
    serde_json::to_vec(&same).unwrap_or_else(|_| body.to_vec())
}
