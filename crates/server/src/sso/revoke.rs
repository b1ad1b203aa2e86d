//! `POST /oauth/revoke`: ends the grant that a token is of (RFC 7009).

use super::answer;
use super::call::Call;
use crate::app::Site;
use crate::extract::Reader;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) async fn post(State(site): State<Site>, Reader(locale): Reader, call: Call) -> Response {
    match site.sso.revoke(&call.asked("/oauth/revoke"), site.now()).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => answer::refused(&site, locale, &error),
    }
}
