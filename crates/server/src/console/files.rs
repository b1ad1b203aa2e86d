//! The console's own files, inside the binary.
//!
//! Pages name them with their content's hash, so that a browser keeps them for good and a new
//! binary brings new ones at once; asked for by another name they are checked each time (`ETag`).

use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("../../assets/console.css");
const ICON: &str = include_str!("../../assets/icon.svg");
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const CHECKED: &str = "no-cache";

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(STYLE));
static ICON_HASH: LazyLock<String> = LazyLock::new(|| hash(ICON));

fn hash(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    hex::encode(&digest[..8])
}

/// The address of the style sheet.
pub(super) fn style_path() -> String {
    format!("/assets/console.css?{}", *STYLE_HASH)
}

/// The address of the icon.
pub(super) fn icon_path() -> String {
    format!("/assets/icon.svg?{}", *ICON_HASH)
}

fn file(
    content: &'static str,
    media: &'static str,
    hash: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let tag = format!("\"{hash}\"");
    let cache = if query == Some(hash) { FOR_GOOD } else { CHECKED };
    let wanted = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = wanted.is_some_and(|tags| tags.split(',').any(|one| one.trim() == tag));
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, cache.to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(header::CONTENT_TYPE, media)], content).into_response()
}

pub(super) async fn style(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    file(STYLE, "text/css; charset=utf-8", &STYLE_HASH, query.as_deref(), &headers)
}

pub(super) async fn icon(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    file(ICON, "image/svg+xml", &ICON_HASH, query.as_deref(), &headers)
}
