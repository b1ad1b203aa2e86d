//! A provider asked over signed HTTP on pooled connections.

use super::contract::{CHECK_PATH, CheckReply, CheckWire, Verdict};
use super::{CheckAnswer, CheckRequest, Provider, ProviderTerms};
use crate::model::need::Need;
use crate::signed_http::SignedHttp;
use crate::wire::ProviderKey;
use std::sync::Arc;
use std::time::Duration;
use types::{Masked, Random};

/// A provider behind the HTTP contract.
pub struct HttpProvider {
    terms: ProviderTerms,
    http: SignedHttp,
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
        let timeout = Duration::from_millis(u64::from(terms.timeout_ms));
        Ok(Self { terms, http: SignedHttp::new(url, key, timeout, random)? })
    }

    async fn ask(&self, request: &CheckRequest) -> Result<CheckReply, String> {
        let wire = self.wire(request);
        let reply: CheckReply = self.http.post(CHECK_PATH, request.at, &wire).await?;
        if reply.request_no != request.request_no || reply.reference.len() > 64 {
            return Err("the answer is not to this request".to_owned());
        }
        Ok(reply)
    }

    fn wire(&self, request: &CheckRequest) -> CheckWire {
        // Sent in the clear inside the provider's own TLS: it cannot check what it cannot read.
        let plain = |(need, fact): (&Need, &Masked)| (*need, fact.expose().to_owned());
        let document = request.facts.contains_key(&Need::Document);
        CheckWire {
            request_no: request.request_no.clone(),
            provider: self.terms.code.clone(),
            id_type: document.then_some(request.id_type),
            facts: request.facts.iter().map(plain).collect(),
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
