//! The reader's language: the console's cookie, else `Accept-Language`, else English.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use std::convert::Infallible;
use types::Locale;

/// The cookie in which the console keeps a chosen language.
pub const LANGUAGE_COOKIE: &str = "language";

/// Who reads the answer.
#[derive(Debug, Clone, Copy)]
pub struct Reader(pub Locale);

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

impl Reader {
    /// The reader of a request with these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen = match cookie(headers, LANGUAGE_COOKIE) {
            Some("zh-CN") => Some(Locale::Zh),
            Some("en") => Some(Locale::En),
            _ => None,
        };
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self(chosen.unwrap_or_else(|| Locale::from_accept_language(accepted.unwrap_or_default())))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}
