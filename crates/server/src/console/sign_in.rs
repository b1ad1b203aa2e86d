//! `/sign-in` and `/sign-out`: with an operator's token, or the one printed at start.

use super::frame::{Frame, Visit};
use super::{Page, page, session};
use crate::app::Site;
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignIn {
    frame: Frame,
    wrong: bool,
}

/// The token, if one was sent.
#[derive(Deserialize)]
pub(super) struct Credentials {
    token: Option<String>,
}

fn form(site: &Site, visit: Visit, wrong: bool) -> Page {
    page(&SignIn { frame: Frame::bare(visit, site.now()), wrong })
}

async fn sign_in(
    site: &Site,
    visit: Visit,
    headers: &HeaderMap,
    token: &str,
) -> Result<Response, Refusal> {
    let Some(operator) = site.operator(token.trim()).await? else {
        tracing::warn!("a wrong sign-in token was refused");
        return Ok((StatusCode::UNAUTHORIZED, form(site, visit, true)?).into_response());
    };
    let cookie = session::cookie_of(site, &operator, headers).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// The link that is printed at start signs in at once; without a token, the form.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    headers: HeaderMap,
    Query(Credentials { token }): Query<Credentials>,
) -> Result<Response, Refusal> {
    match token {
        Some(token) => sign_in(&site, visit, &headers, &token).await,
        None => Ok(form(&site, visit, false)?.into_response()),
    }
}

/// The form.
pub(super) async fn post(
    State(site): State<Site>,
    visit: Visit,
    headers: HeaderMap,
    Form(Credentials { token }): Form<Credentials>,
) -> Result<Response, Refusal> {
    sign_in(&site, visit, &headers, &token.unwrap_or_default()).await
}

/// Ends the session in this browser.
pub(super) async fn out(headers: HeaderMap) -> Response {
    let cookie = session::cookie_of_nobody(&headers);
    ([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response()
}

#[cfg(test)]
impl SignIn {
    pub(super) fn sample(locale: types::Locale) -> Self {
        let frame = Frame { open_date: None, ..Frame::sample(locale, super::frame::Section::None) };
        Self { frame, wrong: true }
    }
}
