//! Asking a provider: only https, only the public Internet, never where it points by a redirect,
//! never more than a bounded answer. For trials the configuration may let providers be inside; then
//! also http, but to this very machine only.

use crate::error::Error;
use members::internet::{PublicOnly, System, is_public, written_out};
use reqwest::Url;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use types::{Problem, ProblemKind};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer, bytes.
const MOST_BYTES: usize = 256 * 1_024;

pub(crate) struct Fetcher {
    http: reqwest::Client,
    internal: bool,
}

fn unreachable(reason: &str) -> Error {
    let reason = format!("the identity provider cannot be asked: {reason}");
    let zh = "身份提供方暂不可用，请稍后重试";
    Problem::new(ProblemKind::Unavailable, "provider_unreachable", reason, zh).into()
}

/// The provider said something that it may not.
pub(super) fn wrong(what: &str) -> Error {
    let en = format!("the identity provider's answer is not believed: {what}");
    let zh = format!("身份提供方的应答不可信：{what}");
    Problem::new(ProblemKind::Refused, "provider_answer_invalid", en, zh).into()
}

impl Fetcher {
    pub(crate) fn new(internal: bool) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE);
        let builder =
            if internal { builder } else { builder.dns_resolver(Arc::new(PublicOnly(System))) };
        let http = builder.build().map_err(|e| Error::fault("the HTTP client of sso", &e))?;
        Ok(Self { http, internal })
    }

    /// An address that may be asked, as a parser reads it.
    pub(crate) fn allowed(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let inside = written_out(&url).is_some_and(|ip| !is_public(ip));
        let loopback = url.host_str() == Some("localhost")
            || written_out(&url).is_some_and(|ip: IpAddr| ip.is_loopback());
        let scheme = url.scheme() == "https" || self.internal && loopback && url.scheme() == "http";
        (plain && scheme && (self.internal || !inside)).then_some(url)
    }

    /// The JSON at an address.
    ///
    /// # Errors
    /// `provider_unreachable`, `provider_answer_invalid`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, Error> {
        let url = self.allowed(address).ok_or_else(|| wrong("an address that may not be asked"))?;
        let asked = self.http.get(url).header("accept", "application/json");
        Self::read(asked).await
    }

    /// The JSON that a form is answered with.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        basic: Option<(String, String)>,
        form: String,
    ) -> Result<T, Error> {
        let url = self.allowed(address).ok_or_else(|| wrong("an address that may not be asked"))?;
        let mut asked = self
            .http
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((name, secret)) = basic {
            asked = asked.basic_auth(name, Some(secret));
        }
        Self::read(asked.body(form)).await
    }

    async fn read<T: DeserializeOwned>(asked: reqwest::RequestBuilder) -> Result<T, Error> {
        // Without the address: its query may be a secret.
        let failed = |e: reqwest::Error| unreachable(&e.without_url().to_string());
        let mut answer = asked.send().await.map_err(failed)?;
        let status = answer.status();
        if status.is_server_error() {
            return Err(unreachable(&format!("it answered {status}")));
        }
        if !status.is_success() {
            return Err(wrong(&format!("it answered {status}")));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len().saturating_add(chunk.len()) > MOST_BYTES {
                return Err(wrong("it is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|_| wrong("it is not the JSON that is due"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_the_public_internet() {
        let (closed, open) =
            (Fetcher::new(false).expect("made"), Fetcher::new(true).expect("made"));
        for (address, outside, inside) in [
            ("https://id.example", true, true),
            ("https://id.example:8443/tenant?x=1", true, true),
            ("http://id.example", false, false),
            ("https://u@id.example", false, false),
            ("https://id.example/#x", false, false),
            ("ftp://id.example", false, false),
            ("file:///etc/passwd", false, false),
            ("https://127.0.0.1", false, true),
            ("https://0x7f000001", false, true),
            ("https://[::1]", false, true),
            ("https://169.254.169.254", false, true),
            ("http://127.0.0.1:3000", false, true),
            ("http://localhost:3000", false, true),
            ("http://10.0.0.1", false, false),
            ("", false, false),
        ] {
            assert_eq!(closed.allowed(address).is_some(), outside, "{address}");
            assert_eq!(open.allowed(address).is_some(), inside, "{address}");
        }
    }
}
