//! What every request passes: its signature is checked before anything is read, and whatever is
//! answered is signed.

use super::refusal::Refusal;
use crate::till::Till;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use channels::RequestHead;
use channels::contract::{MAX_JSON_BYTES, NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use std::sync::Arc;
use types::Timestamp;

/// Lets signed requests through and signs the answers.
pub(super) async fn signed(
    State(till): State<Arc<Till>>,
    request: Request,
    next: Next,
) -> Response {
    let key = &till.config().key;
    let nonce = text(request.headers(), NONCE_HEADER).unwrap_or_default().to_owned();
    let response = match check(&till, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let (mut parts, body) = response.into_parts();
    // Our own bodies lie in memory already.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Refusal::stumbled().into_response();
    };
    let signature = key.sign_answer(parts.status.as_u16(), &nonce, &body);
    if let Ok(signature) = HeaderValue::from_str(&signature) {
        parts.headers.insert(SIGNATURE_HEADER, signature);
    }
    Response::from_parts(parts, Body::from(body))
}

/// The request again, if it is whole and signed. The moment it names is checked for its form only:
/// a played day has a clock of its own. A real channel also refuses moments far from its clock.
async fn check(till: &Till, request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_JSON_BYTES).await.map_err(|_| Refusal::too_long())?;
    let header = |name: &'static str| {
        text(&parts.headers, name).ok_or_else(|| Refusal::header(name, "it is missing"))
    };
    let timestamp = header(TIMESTAMP_HEADER)?;
    let nonce = header(NONCE_HEADER)?;
    let signature = header(SIGNATURE_HEADER)?;
    if Timestamp::parse(timestamp).is_err() {
        return Err(Refusal::header(TIMESTAMP_HEADER, "it is no RFC 3339 moment"));
    }
    if nonce.len() != 32 || !nonce.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Refusal::header(NONCE_HEADER, "it is not 32 hexadecimal digits"));
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let head = RequestHead { method: parts.method.as_str(), path, timestamp, nonce };
    if !till.config().key.verify_request(head, &body, signature) {
        return Err(Refusal::signature());
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
