//! Whose browser this is: a secret of its own from the first page on, and another once somebody has
//! signed in with it.

use crate::app::Site;
use crate::console::cookies;
use crate::extract::cookie;
use crate::problem::Refusal;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sso::Session;

const BROWSER: &str = "sso_browser";
const SESSION: &str = "sso_session";
/// A browser's secret must outlive whatever was begun with it.
const BROWSER_SECONDS: u32 = 3_600;
/// 256 bits as base64url.
const SECRET_LENGTH: usize = 43;

/// A browser, and who signed in with it.
pub(crate) struct SsoVisit {
    /// Its secret.
    pub(crate) browser: String,
    /// Who signed in.
    pub(crate) session: Option<Session>,
    session_secret: Option<String>,
    headers: HeaderMap,
}

impl SsoVisit {
    /// Keeps the browser's secret in it.
    pub(super) fn browser_cookie(&self) -> String {
        cookies::set_lax(BROWSER, &self.browser, BROWSER_SECONDS, &self.headers)
    }

    /// Keeps a session in it; the house itself ends it in time.
    pub(crate) fn session_cookie(&self, secret: &str) -> String {
        cookies::set_lax(SESSION, secret, 86_400, &self.headers)
    }

    /// Takes the session from it.
    pub(super) fn no_session_cookie(&self) -> String {
        cookies::set_lax(SESSION, "", 0, &self.headers)
    }

    /// The session's secret, if it has one.
    pub(super) fn session_secret(&self) -> Option<&str> {
        self.session_secret.as_deref()
    }
}

fn secret(headers: &HeaderMap, name: &str) -> Option<String> {
    cookie(headers, name).filter(|value| value.len() == SECRET_LENGTH).map(str::to_owned)
}

impl FromRequestParts<Site> for SsoVisit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        let headers = parts.headers.clone();
        let browser = secret(&headers, BROWSER).unwrap_or_else(|| {
            let mut bytes = [0; 32];
            site.random.fill(&mut bytes);
            URL_SAFE_NO_PAD.encode(bytes)
        });
        let session_secret = secret(&headers, SESSION);
        let session = match &session_secret {
            Some(secret) => site.sso.session(secret, site.now()).await?,
            None => None,
        };
        Ok(Self { browser, session, session_secret, headers })
    }
}
