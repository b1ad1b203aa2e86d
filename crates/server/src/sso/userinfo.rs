//! `GET`, `POST /oauth/userinfo`: what the client may know of the user.

use super::{answer, authorization, dpop};
use crate::app::Site;
use crate::extract::Reader;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sso::model::scope::Scope;
use types::Locale;

const PATH: &str = "/oauth/userinfo";

pub(super) async fn get(
    State(site): State<Site>,
    Reader(locale): Reader,
    headers: HeaderMap,
) -> Response {
    tell(&site, locale, "GET", &headers).await
}

pub(super) async fn post(
    State(site): State<Site>,
    Reader(locale): Reader,
    headers: HeaderMap,
) -> Response {
    tell(&site, locale, "POST", &headers).await
}

async fn tell(site: &Site, locale: Locale, method: &str, headers: &HeaderMap) -> Response {
    let (authorization, dpop) = (authorization(headers), dpop(headers));
    let (sso, now) = (&site.sso, site.now());
    let access =
        sso.access(authorization.as_deref(), dpop.as_deref(), (method, PATH), Scope::OpenId, now);
    match access.await {
        Ok(access) => answer::told(site, locale, sso.user_info(&access, now).await, StatusCode::OK),
        Err(error) => answer::challenged(site, locale, &error),
    }
}
