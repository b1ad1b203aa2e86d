//! `POST /language`: keeps the reader's choice in a cookie.

use super::cookies;
use crate::extract::LANGUAGE_COOKIE;
use axum::Form;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use types::Locale;

const YEAR: u32 = 365 * 24 * 60 * 60;

/// The choice.
#[derive(Deserialize)]
pub(super) struct Choice {
    locale: Locale,
    /// The page to go back to.
    back: String,
}

/// A path of this site, or the board: nobody is sent elsewhere.
pub(super) fn own_path(back: &str) -> &str {
    let own =
        back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if own { back } else { "/" }
}

pub(super) async fn choose(
    headers: HeaderMap,
    Form(Choice { locale, back }): Form<Choice>,
) -> Response {
    let cookie = cookies::set(LANGUAGE_COOKIE, locale.tag(), YEAR, &headers);
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_path(&back))).into_response()
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (back, to) in [
            ("/orders?kind=payment", "/orders?kind=payment"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(back), to, "{back}");
        }
    }
}
