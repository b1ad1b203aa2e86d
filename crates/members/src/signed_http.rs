//! Asking an outside party over HTTP: the request is signed, and so must its answer be.

use crate::wire::{MAX_JSON_BYTES, NONCE_HEADER, ProviderKey, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use types::{Random, Timestamp};

/// One party behind the signature of [`crate::wire`], on pooled connections.
pub(crate) struct SignedHttp {
    url: String,
    key: ProviderKey,
    client: reqwest::Client,
    random: Arc<dyn Random>,
}

impl SignedHttp {
    /// A party at `url` (scheme and authority, `http://127.0.0.1:9001`) that is waited for so long.
    ///
    /// # Errors
    /// What the HTTP client says if it cannot be built.
    pub(crate) fn new(
        url: &str,
        key: ProviderKey,
        timeout: Duration,
        random: Arc<dyn Random>,
    ) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), key, client, random })
    }

    /// Posts `body` to `path` and reads the signed answer of status 200.
    ///
    /// # Errors
    /// A reason for the log: no answer, one that is too long, not signed for this request, of
    /// another status or form. It names no person.
    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        at: Timestamp,
        body: &impl Serialize,
    ) -> Result<A, String> {
        let body = serde_json::to_vec(body).map_err(|e| e.to_string())?;
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce);
        let (nonce, timestamp) = (hex::encode(nonce), at.to_string());
        let signature = self.key.sign_request("POST", path, &timestamp, &nonce, &body);
        let mut response = self
            .client
            .post(format!("{}{path}", self.url))
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
        serde_json::from_slice(&bytes).map_err(|e| e.to_string())
    }
}
