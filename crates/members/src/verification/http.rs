//! A provider asked over signed HTTP on pooled connections.

use super::contract::{CHECK_PATH, CheckReply, CheckWire, MAX_JSON_BYTES, Verdict};
use super::{CheckAnswer, CheckRequest, Provider, ProviderTerms};
use crate::wire::{NONCE_HEADER, ProviderKey, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use std::sync::Arc;
use std::time::Duration;
use types::Random;

/// A provider behind the HTTP contract.
pub struct HttpProvider {
    terms: ProviderTerms,
    url: String,
    key: ProviderKey,
    client: reqwest::Client,
    random: Arc<dyn Random>,
}

impl HttpProvider {
    /// A provider at `url` (scheme and authority, `http://127.0.0.1:9001`).
    ///
    /// # Errors
    /// What the HTTP client says if it cannot be built.
    pub fn new(
        terms: ProviderTerms,
        url: &str,
        key: ProviderKey,
        random: Arc<dyn Random>,
    ) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(u64::from(terms.timeout_ms)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { terms, url: url.trim_end_matches('/').to_owned(), key, client, random })
    }

    async fn ask(&self, request: &CheckRequest) -> Result<CheckReply, String> {
        let body = serde_json::to_vec(&self.wire(request)).map_err(|e| e.to_string())?;
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce);
        let (nonce, timestamp) = (hex::encode(nonce), request.at.to_string());
        let signature = self.key.sign_request("POST", CHECK_PATH, &timestamp, &nonce, &body);
        let mut response = self
            .client
            .post(format!("{}{CHECK_PATH}", self.url))
            .header("content-type", "application/json")
            .header(TIMESTAMP_HEADER, timestamp)
            .header(NONCE_HEADER, &nonce)
            .header(SIGNATURE_HEADER, signature)
            .body(body)
            .send()
            .await
            .map_err(|e| e.without_url().to_string())?;
        let status = response.status().as_u16();
        let given = response
            .headers()
            .get(SIGNATURE_HEADER)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| e.without_url().to_string())? {
            if bytes.len().saturating_add(chunk.len()) > MAX_JSON_BYTES {
                return Err("the answer is too long".to_owned());
            }
            bytes.extend_from_slice(&chunk);
        }
        if !ProviderKey::same(&self.key.sign_answer(status, &nonce, &bytes), &given) {
            return Err(format!("status {status} without its signature"));
        }
        if status != 200 {
            return Err(format!("status {status}"));
        }
        let reply: CheckReply = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        if reply.request_no != request.request_no || reply.reference.len() > 64 {
            return Err("the answer is not to this request".to_owned());
        }
        Ok(reply)
    }

    fn wire(&self, request: &CheckRequest) -> CheckWire {
        // Sent in the clear inside the provider's own TLS: it cannot check what it cannot read.
        let plain = |m: &types::Masked| m.expose().to_owned();
        let (card_number, card_phone) = match &request.card {
            Some((number, phone)) => (Some(plain(number)), Some(plain(phone))),
            None => (None, None),
        };
        CheckWire {
            request_no: request.request_no.clone(),
            provider: self.terms.code.clone(),
            name: plain(&request.name),
            id_type: request.id_type,
            id_number: plain(&request.id_number),
            card_number,
            card_phone,
            at: request.at,
        }
    }
}

#[async_trait::async_trait]
impl Provider for HttpProvider {
    fn terms(&self) -> &ProviderTerms {
        &self.terms
    }

    async fn check(&self, request: &CheckRequest) -> CheckAnswer {
        match self.ask(request).await {
            Ok(CheckReply { result: Verdict::Match, reference, .. }) => {
                CheckAnswer::Match { reference }
            }
            Ok(CheckReply { result: Verdict::Mismatch, reference, .. }) => {
                CheckAnswer::Mismatch { reference }
            }
            Err(why) => CheckAnswer::Down { why },
        }
    }
}
