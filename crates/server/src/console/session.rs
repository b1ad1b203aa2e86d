//! Who may see the console: a cookie that only somebody who signed in can have.
//!
//! The cookie is the moment of signing in, an HMAC, and the operator's name. The HMAC goes over
//! moment, name and the keyed hash of the operator's token, under the token that was printed at
//! start: nothing is stored, no token stands in a browser, another token printed at start ends
//! every session, and the removal of an operator ends that operator's. Whoever reads the records
//! has the hash and not the token printed at start.

use super::cookies;
use crate::app::Site;
use crate::extract::{Operator, cookie, same};
use crate::operators::FIRST_OPERATOR;
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
const PURPOSE: &[u8] = b"countinghouse console session 2";

fn mark(token: &str, since: i64, name: &str, stamp: &[u8]) -> String {
    let key = sha2_of(token);
    let mut mac = Hmac::<Sha256>::new(&key.into());
    mac.update(PURPOSE);
    mac.update(&since.to_be_bytes());
    mac.update(&u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
    mac.update(name.as_bytes());
    mac.update(stamp);
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

/// The keyed hash of an operator's token, which the session hangs on; the first operator's hangs
/// on the token printed at start alone. `None`: there is no such operator now.
async fn stamp(site: &Site, name: &str) -> Result<Option<(Vec<u8>, Operator)>, Problem> {
    if name == FIRST_OPERATOR {
        return Ok(Some((Vec::new(), Operator::first())));
    }
    let found = site.operators.by_name(name).await?;
    Ok(found.map(|(hash, operator)| (hash.to_vec(), operator.into())))
}

/// The `Set-Cookie` of an operator who signed in now.
pub(super) async fn cookie_of(
    site: &Site,
    operator: &Operator,
    request: &HeaderMap,
) -> Result<String, Problem> {
    let name = operator.name();
    let stamp = stamp(site, name).await?.map(|(stamp, _)| stamp).unwrap_or_default();
    let value = ticket(&site.operator_token, site.now(), name, &stamp);
    Ok(cookies::set(COOKIE, &value, SECONDS, request))
}

fn ticket(token: &str, now: Timestamp, name: &str, stamp: &[u8]) -> String {
    let since = now.as_micros();
    format!("{since}.{}.{name}", mark(token, since, name, stamp))
}

/// The `Set-Cookie` of somebody who signs out.
pub(super) fn cookie_of_nobody(request: &HeaderMap) -> String {
    cookies::set(COOKIE, "", 0, request)
}

/// What a session's cookie says, not believed yet.
struct Ticket<'h> {
    since: i64,
    mark: &'h str,
    name: &'h str,
}

fn shown(headers: &HeaderMap) -> Option<Ticket<'_>> {
    let (since, rest) = cookie(headers, COOKIE)?.split_once('.')?;
    let (mark, name) = rest.split_once('.')?;
    Some(Ticket { since: since.parse().ok()?, mark, name })
}

impl Ticket<'_> {
    fn holds(&self, token: &str, stamp: &[u8], now: Timestamp) -> bool {
        let ends = Timestamp::from_micros(self.since).plus_seconds(SECONDS.into());
        same(self.mark, &mark(token, self.since, self.name, stamp)) && ends > now
    }
}

/// The operator whose session this is.
async fn signed_in(site: &Site, headers: &HeaderMap) -> Result<Option<Operator>, Problem> {
    let Some(ticket) = shown(headers) else { return Ok(None) };
    let Some((stamp, operator)) = stamp(site, ticket.name).await? else { return Ok(None) };
    Ok(ticket.holds(&site.operator_token, &stamp, site.now()).then_some(operator))
}

/// Sends everybody else to the sign-in page; the pages find the operator in the request.
pub(super) async fn require(
    State(site): State<Site>,
    mut request: Request,
    next: Next,
) -> Response {
    match signed_in(&site, request.headers()).await {
        Ok(Some(operator)) => {
            request.extensions_mut().insert(operator);
            next.run(request).await
        }
        Ok(None) => Redirect::to("/sign-in").into_response(),
        Err(problem) => Refusal::from(problem).into_response(),
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
    fn a_session_is_of_its_token_its_operator_and_its_day() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let pair = format!("{COOKIE}={}", ticket("right", now, "li.na", &[7; 32]));
        let holds = |pair: &str, token: &str, stamp: &[u8], now| {
            let headers = headers(header::COOKIE, pair);
            shown(&headers).is_some_and(|ticket| ticket.holds(token, stamp, now))
        };
        let stamp = [7; 32];
        assert!(holds(&pair, "right", &stamp, now));
        assert!(holds(&pair, "right", &stamp, now.plus_seconds(i64::from(SECONDS) - 1)));
        assert!(!holds(&pair, "right", &stamp, now.plus_seconds(SECONDS.into())), "run out");
        assert!(!holds(&pair, "other", &stamp, now), "of another token");
        assert!(!holds(&pair, "right", &[8; 32], now), "of an operator with another token");
        let later = pair.replacen("session=1", "session=2", 1);
        let other = pair.replace("li.na", "li.no");
        for forged in [later.as_str(), &other, "session=", "session=1.00", "session=1.00.operator"]
        {
            assert!(!holds(forged, "right", &stamp, now), "{forged}");
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
