//! `/oauth/authorize` and the page on which the user says whether a business system may.

use super::sign_in::SignInPage;
use super::visit::SsoVisit;
use crate::app::Site;
use crate::console::frame::{Frame, Visit};
use crate::console::{figures, page, see_other, words};
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso::model::redirect;
use sso::model::scope::Scope;
use sso::{Answer, Begun, Client, Consent};
use types::Locale;

/// The page.
#[derive(Template)]
#[template(path = "sso_consent.html")]
pub(in crate::console) struct ConsentPage {
    frame: Frame,
    /// Where its forms go.
    here: String,
    client: String,
    /// Where the browser goes afterwards.
    target: String,
    scopes: Vec<String>,
    phone: String,
}

/// What a scope means to the one who is asked.
pub(super) fn scope_words(scope: Scope, client: &Client, locale: Locale) -> String {
    let (en, zh) = match scope {
        Scope::OpenId => ("Recognise you when you come back", "在您再次访问时识别您"),
        Scope::Profile => (
            "See your sign-in name and whether your real name is verified",
            "查看您的登录名及是否已实名",
        ),
        Scope::Phone => ("See your phone number", "查看您的手机号"),
        Scope::OfflineAccess => (
            "Keep this while you are away, until you take it back",
            "在您离开后继续有效，直至您撤回",
        ),
        Scope::Bind => {
            ("Bind your account there to this account", "将您在该系统的账号与本账户绑定")
        }
        Scope::PayPasswordFree => ("Take payments without a password", "免密扣款"),
    };
    let words = words::pick(locale, en, zh).to_owned();
    match (scope, client.terms.password_free) {
        (Scope::PayPasswordFree, Some(terms)) => {
            let (order, day) =
                (figures::money(terms.per_order_minor), figures::money(terms.per_day_minor));
            match locale {
                Locale::En => format!("{words}: at most CNY {order} an order and CNY {day} a day"),
                Locale::Zh => format!("{words}：单笔不超过 {order} 元，每日不超过 {day} 元"),
            }
        }
        _ => words,
    }
}

/// Takes a request from a browser.
pub(super) async fn begin(
    State(site): State<Site>,
    visit: SsoVisit,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    let begun = site.sso.begin(query.as_bytes(), &visit.browser, visit.session, site.now()).await?;
    Ok(match begun {
        Begun::Back(address) => see_other(&address),
        Begun::Ask(handle) => {
            let cookie = [(header::SET_COOKIE, visit.browser_cookie())];
            (cookie, see_other(&format!("/oauth/requests/{handle}"))).into_response()
        }
    })
}

/// Asks the user, who signs in first if need be.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
    Path(handle): Path<String>,
) -> Result<Response, Refusal> {
    let now = site.now();
    let asked = site.sso.consent(&handle, &who.browser, who.session, now).await?;
    let here = format!("/oauth/requests/{handle}");
    let Consent { client, request, session: Some(session) } = asked else {
        return Ok(SignInPage::write(&site, visit, here, Some(&handle), None)?.into_response());
    };
    let locale = visit.locale;
    let user = site.members.profile(session.user, now).await?;
    let policy = policy(&request.redirect_uri);
    let target = redirect::form_target(&request.redirect_uri);
    let scopes = request.scopes.iter().map(|scope| scope_words(scope, &client, locale)).collect();
    let client = client.terms.name.get(locale).to_owned();
    let frame = Frame::bare(visit, now);
    let phone = user.phone.to_string();
    let written = page(&ConsentPage { frame, here, client, target, scopes, phone })?;
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], written).into_response())
}

/// The console's policy, but that the form's answer may lead to the client: browsers look at the
/// targets of redirects too.
fn policy(redirect_uri: &str) -> String {
    let target = redirect::form_target(redirect_uri);
    format!(
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; \
         form-action 'self' {target}; frame-ancestors 'none'"
    )
}

/// The user's answer.
#[derive(Deserialize)]
pub(super) struct AnswerForm {
    answer: Answer,
}

/// Takes the answer.
pub(super) async fn answer(
    State(site): State<Site>,
    who: SsoVisit,
    Path(handle): Path<String>,
    Form(AnswerForm { answer }): Form<AnswerForm>,
) -> Result<Response, Refusal> {
    let told = site.sso.answer(&handle, &who.browser, who.session, answer, site.now()).await?;
    Ok(see_other(&told))
}

#[cfg(test)]
impl ConsentPage {
    pub(in crate::console) fn sample(locale: Locale) -> Self {
        use crate::console::frame::Section;
        Self {
            frame: Frame { open_date: None, ..Frame::sample(locale, Section::None) },
            here: "/oauth/requests/x".to_owned(),
            client: words::pick(locale, "Lotus Tea <b>order", "莲花茶铺").to_owned(),
            target: "https://shop.example".to_owned(),
            scopes: vec![words::pick(locale, "See your phone number", "查看您的手机号").to_owned()],
            phone: "132******95".to_owned(),
        }
    }
}
