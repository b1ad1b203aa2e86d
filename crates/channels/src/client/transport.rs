//! Sending one signed request and reading a bounded, signed answer.

use crate::book::ChannelConfig;
use crate::contract::{NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::health::Outcome;
use crate::registry::Gauge;
use crate::signature::{ChannelKey, RequestHead};
use crate::{Error, Why};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Url};
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::{Clock, Random};

/// Connections kept open to one channel when nobody uses them.
const IDLE_CONNECTIONS: usize = 256;

pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    key: ChannelKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A whole answer whose signature held.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) disposition: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(
        config: &ChannelConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Error> {
        let fault =
            |reason: String| Error::Configuration { code: config.terms.code.clone(), reason };
        let base = Url::parse(&config.url).map_err(|e| fault(format!("address: {e}")))?;
        if !matches!(base.scheme(), "http" | "https")
            || base.path() != "/"
            || base.query().is_some()
        {
            return Err(fault(
                "the address must be http(s)://host:port with nothing after it".into(),
            ));
        }
        // A redirect would carry a signed request to somebody else; a proxy from the environment
        // would see it.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.terms.timeout)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| fault(format!("HTTP client: {e}")))?;
        Ok(Self { http, base, key: config.key.clone(), clock, random })
    }

    /// Calls once, never retries, and tells the gauge how it ended.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        limit: usize,
        timeout: Duration,
        gauge: &Gauge,
    ) -> Result<Reply, Why> {
        let started = Instant::now();
        let reply = self.exchange(method, path, body, limit, timeout).await;
        let outcome = match &reply {
            Ok(_) => Outcome::Answered,
            Err(_) => Outcome::Unanswered,
        };
        gauge.learn(outcome, started.elapsed());
        reply
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        limit: usize,
        timeout: Duration,
    ) -> Result<Reply, Why> {
        let url = self.base.join(path).map_err(|_| Why::Malformed)?;
        let timestamp = self.clock.now().to_string();
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce);
        let nonce = hex::encode(nonce);
        let head =
            RequestHead { method: method.as_str(), path, timestamp: &timestamp, nonce: &nonce };
        let signature = self.key.sign_request(head, &body);
        let mut request = self
            .http
            .request(method, url)
            .timeout(timeout)
            .header(TIMESTAMP_HEADER, &timestamp)
            .header(NONCE_HEADER, &nonce)
            .header(SIGNATURE_HEADER, signature);
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let mut response = request.send().await.map_err(|e| why(&e))?;
        let status = response.status().as_u16();
        let body = read(&mut response, limit).await?;
        // Whoever stands between us and the channel may answer 5xx in its place, unsigned.
        if status >= 500 || status == 429 {
            return Err(Why::ServerError(status));
        }
        let headers = response.headers();
        let signed = header(headers, SIGNATURE_HEADER)
            .is_some_and(|s| self.key.verify_answer(status, &nonce, &body, s));
        if !signed {
            return Err(Why::Malformed);
        }
        let disposition = header(headers, CONTENT_DISPOSITION.as_str()).map(str::to_owned);
        Ok(Reply { status, disposition, body })
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads a body piece by piece and stops at the limit, whatever length was announced.
async fn read(response: &mut reqwest::Response, limit: usize) -> Result<Vec<u8>, Why> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|e| why(&e))? {
        if body.len().saturating_add(piece.len()) > limit {
            return Err(Why::Malformed);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn why(error: &reqwest::Error) -> Why {
    if error.is_timeout() {
        Why::TimedOut
    } else if error.is_connect() {
        Why::Unreachable
    } else {
        Why::Broken
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
