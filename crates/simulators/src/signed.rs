//! The signature of verification providers and message channels, the outside party's half.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use members::wire::{NONCE_HEADER, ProviderKey, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What goes back: a status and a body, signed for the request's nonce.
pub(crate) type Said = (StatusCode, Vec<u8>);

/// Reads a signed request to `path`.
pub(crate) fn read<T: DeserializeOwned>(
    key: &ProviderKey,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Said> {
    let (timestamp, nonce) = (header(headers, TIMESTAMP_HEADER), header(headers, NONCE_HEADER));
    let expected = key.sign_request("POST", path, &timestamp, &nonce, body);
    if nonce.is_empty() || !ProviderKey::same(&expected, &header(headers, SIGNATURE_HEADER)) {
        return Err(refusal(StatusCode::UNAUTHORIZED, "signature_wrong"));
    }
    serde_json::from_slice(body).map_err(|_| refusal(StatusCode::BAD_REQUEST, "body_malformed"))
}

/// Sends an answer back, signed for the request.
pub(crate) fn send(key: &ProviderKey, headers: &HeaderMap, (status, said): Said) -> Response {
    let signature = key.sign_answer(status.as_u16(), &header(headers, NONCE_HEADER), &said);
    let mut response = (status, said).into_response();
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    if let Ok(value) = HeaderValue::from_str(&signature) {
        headers.insert(SIGNATURE_HEADER, value);
    }
    response
}

/// A refusal with its code.
pub(crate) fn refusal(status: StatusCode, code: &str) -> Said {
    (status, serde_json::json!({ "code": code }).to_string().into_bytes())
}

/// What was asked for.
pub(crate) fn granted(reply: &impl Serialize) -> Said {
    match serde_json::to_vec(reply) {
        Ok(body) => (StatusCode::OK, body),
        Err(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}
