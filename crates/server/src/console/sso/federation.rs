//! To an outside identity provider and back; who comes for the first time proves a phone.

use super::sign_in::{CodeForm, CodePage, PhoneForm, SignInPage};
use super::visit::SsoVisit;
use crate::app::Site;
use crate::console::frame::Visit;
use crate::console::see_other;
use crate::problem::Refusal;
use axum::Form;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso::Returned;
use types::{Masked, Problem};

/// What waits for the sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiting {
    request: Option<String>,
}

/// Where somebody goes who has signed in: on with what waited, or to his own page.
fn onward(request: Option<&str>) -> String {
    // A handle is base64url; anything else was never given out.
    let sound =
        |handle: &&str| handle.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    match request.filter(sound) {
        Some(handle) => format!("/oauth/requests/{handle}"),
        None => "/oauth/account".to_owned(),
    }
}

/// Sends the browser to a provider.
pub(super) async fn go(
    State(site): State<Site>,
    who: SsoVisit,
    Path(provider): Path<String>,
    Query(Waiting { request }): Query<Waiting>,
) -> Result<Response, Refusal> {
    let address = site.sso.go(&provider, &who.browser, request, site.now()).await?;
    let cookie = [(header::SET_COOKIE, who.browser_cookie())];
    Ok((cookie, see_other(&address)).into_response())
}

/// Takes it back.
pub(super) async fn back(
    State(site): State<Site>,
    who: SsoVisit,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    Ok(match site.sso.come_back(query.as_bytes(), &who.browser, site.now()).await? {
        Returned::Known { session, request } => {
            let cookie = [(header::SET_COOKIE, who.session_cookie(&session))];
            (cookie, see_other(&onward(request.as_deref()))).into_response()
        }
        Returned::Unknown { ticket } => see_other(&format!("/federation/link/{ticket}")),
    })
}

/// Asks for the phone.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(ticket): Path<String>,
) -> Result<Response, Refusal> {
    site.sso.check_ticket(&ticket, &who.browser, site.now()).await?;
    let here = format!("/federation/link/{ticket}");
    Ok(SignInPage::write(&site, visit, here, None, None)?.into_response())
}

/// Sends a code.
pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(ticket): Path<String>,
    Form(PhoneForm { phone }): Form<PhoneForm>,
) -> Result<Response, Refusal> {
    let here = format!("/federation/link/{ticket}");
    let masked = Masked::new(phone.trim());
    let sent = site.sso.send_link_code(&ticket, &who.browser, &masked, site.now()).await;
    let written = match sent {
        Ok(_) => CodePage::write(&site, visit, here, masked.expose().to_owned(), None)?,
        Err(error) => SignInPage::write(&site, visit, here, None, Some(&Problem::from(error)))?,
    };
    Ok(written.into_response())
}

/// Checks a code, and links.
pub(super) async fn check(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(ticket): Path<String>,
    Form(CodeForm { phone, code }): Form<CodeForm>,
) -> Result<Response, Refusal> {
    let (masked, now) = (Masked::new(phone.clone()), site.now());
    Ok(match site.sso.link(&ticket, &who.browser, &masked, code.trim(), now).await {
        Ok((session, request)) => {
            let cookie = [(header::SET_COOKIE, who.session_cookie(&session))];
            (cookie, see_other(&onward(request.as_deref()))).into_response()
        }
        Err(error) => {
            let here = format!("/federation/link/{ticket}");
            let problem = Problem::from(error);
            CodePage::write(&site, visit, here, phone, Some(&problem))?.into_response()
        }
    })
}
