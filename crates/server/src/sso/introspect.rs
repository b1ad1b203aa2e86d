//! `POST /oauth/introspect`: what there is to say of a token (RFC 7662).

use super::answer;
use super::call::Call;
use crate::app::Site;
use crate::extract::Reader;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

pub(super) async fn post(State(site): State<Site>, Reader(locale): Reader, call: Call) -> Response {
    let result = site.sso.introspect(&call.asked("/oauth/introspect"), site.now()).await;
    answer::told(&site, locale, result, StatusCode::OK)
}
