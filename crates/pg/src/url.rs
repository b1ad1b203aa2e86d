//! URLs as they may be shown.

/// A URL that names no database this build can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{url}': {reason}")]
pub struct UrlError {
    /// The URL, without who connects.
    pub url: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl UrlError {
    pub(crate) fn new(url: &str, reason: &'static str) -> Self {
        Self { url: without_password(url), reason }
    }
}

/// A line with a URL as it may be shown: without who connects, and their password.
pub fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        _ => url.to_owned(),
    }
}
