//! The console: server-rendered pages for operators.

use crate::app::Site;
use axum::Router;
use axum::http::StatusCode;

/// Its pages.
pub(crate) fn router(_: Site) -> Router<Site> {
    Router::new()
}

/// Whatever nothing else answers.
pub(crate) async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}
