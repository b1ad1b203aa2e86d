//! The console's own files, inside the binary.

use axum::http::header;
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("../../assets/console.css");
const ICON: &str = include_str!("../../assets/icon.svg");

fn file(content: &'static str, media: &'static str) -> Response {
    // An hour: a new binary may bring another.
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, content).into_response()
}

pub(super) async fn style() -> Response {
    file(STYLE, "text/css; charset=utf-8")
}

pub(super) async fn icon() -> Response {
    file(ICON, "image/svg+xml")
}
