//! `POST /oauth/par`: takes an authorisation request from its client (RFC 9126).

use super::answer;
use super::call::Call;
use crate::app::Site;
use crate::extract::Reader;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

pub(super) async fn post(State(site): State<Site>, Reader(locale): Reader, call: Call) -> Response {
    let result = site.sso.push(&call.asked("/oauth/par"), site.now()).await;
    answer::told(&site, locale, result, StatusCode::CREATED)
}
