//! Who may see the console: a cookie that only the holder of the sign-in token can have made.
//!
//! The cookie is the moment of signing in and an HMAC over it under the token, so that nothing is
//! stored, the token itself never stands in a browser, and another token ends every session.

use super::cookies;
use crate::app::Site;
use crate::extract::{cookie, same};
use crate::problem::Refusal;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use types::{Problem, ProblemKind, Timestamp};

const COOKIE: &str = "session";
/// How long a session lasts, seconds: a working day.
const SECONDS: u32 = 12 * 60 * 60;
/// What the HMAC is for; nothing else is signed with the token.
const PURPOSE: &[u8] = b"countinghouse console session 1";

fn mark(token: &str, since: i64) -> String {
    let key = sha2_of(token);
    let mut mac = Hmac::<Sha256>::new(&key.into());
    mac.update(PURPOSE);
    mac.update(&since.to_be_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The token as a key of one block, whatever its length.
fn sha2_of(token: &str) -> [u8; 64] {
    use sha2::Digest;
    let mut key = [0; 64];
    let (half, _) = key.split_at_mut(32);
    half.copy_from_slice(&Sha256::digest(token.as_bytes()));
    key
}

/// The `Set-Cookie` of somebody who signed in now.
pub(super) fn cookie_of(token: &str, now: Timestamp, request: &HeaderMap) -> String {
    let since = now.as_micros();
    let value = format!("{since}.{}", mark(token, since));
    cookies::set(COOKIE, &value, SECONDS, request)
}

/// The `Set-Cookie` of somebody who signs out.
pub(super) fn cookie_of_nobody(request: &HeaderMap) -> String {
    cookies::set(COOKIE, "", 0, request)
}

/// Whether the request comes from somebody who signed in.
pub(super) fn is_signed_in(headers: &HeaderMap, token: &str, now: Timestamp) -> bool {
    let Some((since, given)) = cookie(headers, COOKIE).and_then(|value| value.split_once('.'))
    else {
        return false;
    };
    let Ok(since) = since.parse::<i64>() else { return false };
    let fresh = Timestamp::from_micros(since).plus_seconds(SECONDS.into()) > now;
    same(given, &mark(token, since)) && fresh
}

/// Sends everybody else to the sign-in page.
pub(super) async fn require(State(site): State<Site>, request: Request, next: Next) -> Response {
    if is_signed_in(request.headers(), &site.operator_token, site.now()) {
        next.run(request).await
    } else {
        Redirect::to("/sign-in").into_response()
    }
}

/// Refuses whatever would change something and was not sent by a page of this console. The cookie
/// is `SameSite=Strict` already; this also covers browsers that know no such thing, and pages of
/// other ports of this host, which count as the same site.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || is_ours(request.headers()) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        ProblemKind::Forbidden,
        "cross_site_request",
        "this form was not sent by a page of this console",
        "该请求并非由本后台页面发出",
    );
    Refusal::from(problem).into_response()
}

/// Whether the origin, which browsers send with every form, is the host that was asked.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let authority = text(header::ORIGIN).and_then(|o| o.split_once("://")).map(|(_, a)| a);
    authority.is_some() && authority == text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("visible"))])
    }

    #[test]
    fn a_session_is_of_its_token_and_its_day() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let set = cookie_of("right", now, &HeaderMap::new());
        let pair = set.split(';').next().expect("a pair");
        let signed_in =
            |pair: &str, token: &str, now| is_signed_in(&headers(header::COOKIE, pair), token, now);
        assert!(signed_in(pair, "right", now));
        assert!(signed_in(pair, "right", now.plus_seconds(i64::from(SECONDS) - 1)));
        assert!(!signed_in(pair, "right", now.plus_seconds(SECONDS.into())), "run out");
        assert!(!signed_in(pair, "other", now), "of another token");
        let later = pair.replacen("session=1", "session=2", 1);
        for forged in [later.as_str(), "session=", "session=1.00", "session=right", "other=1"] {
            assert!(!signed_in(forged, "right", now), "{forged}");
        }
    }

    #[test]
    fn only_the_own_origin_may_post() {
        for (origin, ours) in [
            (Some("http://127.0.0.1:8787"), true),
            (Some("http://127.0.0.1:9000"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (None, false),
        ] {
            let mut all = headers(header::HOST, "127.0.0.1:8787");
            if let Some(origin) = origin {
                all.extend(headers(header::ORIGIN, origin));
            }
            assert_eq!(is_ours(&all), ours, "{origin:?}");
        }
    }
}
