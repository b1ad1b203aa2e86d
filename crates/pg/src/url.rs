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
    let (scheme, rest) = match url.split_once("://") {
        // Parameters may name a password too.
        Some((scheme, rest)) => (format!("{scheme}://"), rest.split('?').next().unwrap_or(rest)),
        None => (String::new(), url),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}***@{host}"),
        None => format!("{scheme}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_connects_and_what_is_asked_for_is_not_shown() {
        for (url, shown) in [
            ("postgres://u:secret@h:1/d", "postgres://***@h:1/d"),
            ("postgres://h/d?user=u&password=secret", "postgres://h/d"),
            ("u:secret@h/d", "***@h/d"),
            ("sqlite:records.db", "sqlite:records.db"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
