//! Signing in by phone and one-time code, on two pages; both again with what was wrong.

use super::visit::SsoVisit;
use crate::app::Site;
use crate::console::frame::{Frame, Visit};
use crate::console::{Page, page, see_other};
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use types::{Masked, Problem};

/// An outside provider, as a link.
struct ProviderLink {
    path: String,
    name: String,
}

/// Where the phone is asked for.
#[derive(Template)]
#[template(path = "sso_sign_in.html")]
pub(in crate::console) struct SignInPage {
    frame: Frame,
    /// Where its form goes: this and `/code`.
    here: String,
    wrong: Option<String>,
    providers: Vec<ProviderLink>,
}

impl SignInPage {
    /// Writes it; `request` is what waits for the sign-in, where outside providers may do it.
    pub(super) fn write(
        site: &Site,
        visit: Visit,
        here: String,
        request: Option<&str>,
        wrong: Option<&Problem>,
    ) -> Page {
        let locale = visit.locale;
        let link = |handle: &str| {
            let all = site.sso.providers().map(|provider| ProviderLink {
                path: format!("/federation/{}?request={handle}", provider.code),
                name: provider.name.get(locale).to_owned(),
            });
            all.collect()
        };
        let providers = request.map(link).unwrap_or_default();
        let wrong = wrong.map(|problem| problem.reason.get(locale).to_owned());
        page(&Self { frame: Frame::bare(visit, site.now()), here, wrong, providers })
    }
}

/// Where the code is asked for.
#[derive(Template)]
#[template(path = "sso_code.html")]
pub(in crate::console) struct CodePage {
    frame: Frame,
    /// Where its form goes: this and `/sign-in`.
    here: String,
    /// As it was typed; it is the reader's own.
    phone: String,
    wrong: Option<String>,
}

impl CodePage {
    pub(super) fn write(
        site: &Site,
        visit: Visit,
        here: String,
        phone: String,
        wrong: Option<&Problem>,
    ) -> Page {
        let wrong = wrong.map(|problem| problem.reason.get(visit.locale).to_owned());
        page(&Self { frame: Frame::bare(visit, site.now()), here, phone, wrong })
    }
}

/// The phone.
#[derive(Deserialize)]
pub(super) struct PhoneForm {
    pub(super) phone: String,
}

/// The phone again, and the code.
#[derive(Deserialize)]
pub(super) struct CodeForm {
    pub(super) phone: String,
    pub(super) code: String,
}

/// Sends a code.
pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(handle): Path<String>,
    Form(PhoneForm { phone }): Form<PhoneForm>,
) -> Result<Response, Refusal> {
    let here = format!("/oauth/requests/{handle}");
    let masked = Masked::new(phone.trim());
    let written = match site.sso.send_code(&handle, &who.browser, &masked, site.now()).await {
        Ok(_) => CodePage::write(&site, visit, here, masked.expose().to_owned(), None)?,
        Err(error) => {
            let problem = Problem::from(error);
            SignInPage::write(&site, visit, here, Some(&handle), Some(&problem))?
        }
    };
    Ok(written.into_response())
}

/// Checks a code.
pub(super) async fn check(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(handle): Path<String>,
    Form(CodeForm { phone, code }): Form<CodeForm>,
) -> Result<Response, Refusal> {
    let here = format!("/oauth/requests/{handle}");
    let (masked, now) = (Masked::new(phone.clone()), site.now());
    let signed_in =
        site.sso.sign_in_by_code(&handle, &who.browser, &masked, code.trim(), now).await;
    Ok(match signed_in {
        Ok(secret) => {
            let cookie = [(header::SET_COOKIE, who.session_cookie(&secret))];
            (cookie, see_other(&here)).into_response()
        }
        Err(error) => {
            let problem = Problem::from(error);
            CodePage::write(&site, visit, here, phone, Some(&problem))?.into_response()
        }
    })
}

#[cfg(test)]
impl SignInPage {
    pub(in crate::console) fn sample(locale: types::Locale) -> Self {
        use crate::console::frame::Section;
        let name =
            crate::console::words::pick(locale, "Campus id <b>order", "校园统一身份").to_owned();
        Self {
            frame: Frame { open_date: None, ..Frame::sample(locale, Section::None) },
            here: "/oauth/requests/x".to_owned(),
            wrong: Some(crate::console::words::pick(locale, "no phone", "手机号不正确").to_owned()),
            providers: vec![ProviderLink { path: "/federation/campus?request=x".to_owned(), name }],
        }
    }
}

#[cfg(test)]
impl CodePage {
    pub(in crate::console) fn sample(locale: types::Locale) -> Self {
        use crate::console::frame::Section;
        Self {
            frame: Frame { open_date: None, ..Frame::sample(locale, Section::None) },
            here: "/oauth/requests/x".to_owned(),
            phone: "<b>order".to_owned(),
            wrong: Some(crate::console::words::pick(locale, "wrong", "验证码错误").to_owned()),
        }
    }
}
