//! `/oauth/account`: what the user has allowed, bound and linked; each can be taken back here.

use super::consent::scope_words;
use super::visit::SsoVisit;
use crate::app::Site;
use crate::console::figures::moment;
use crate::console::frame::{Frame, Visit};
use crate::console::{page, see_other};
use crate::problem::Refusal;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sso::{Client, Session};
use types::{ClientId, GrantId, Locale, Problem, ProblemKind};

struct GrantRow {
    id: String,
    client: String,
    scopes: Vec<String>,
    since: String,
}

struct BindingRow {
    client_id: String,
    client: String,
    business_user: String,
    since: String,
}

struct IdentityRow {
    issuer: String,
    since: String,
}

/// The page.
#[derive(Template)]
#[template(path = "sso_account.html")]
pub(in crate::console) struct AccountPage {
    frame: Frame,
    phone: String,
    grants: Vec<GrantRow>,
    bindings: Vec<BindingRow>,
    identities: Vec<IdentityRow>,
}

fn signed_in(who: &SsoVisit) -> Result<Session, Refusal> {
    who.session.ok_or_else(|| {
        let (en, zh) = ("sign in first, or more surely", "请先登录，或以更高等级的方式登录");
        Problem::new(ProblemKind::Unauthenticated, "sign_in_needed", en, zh).into()
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
) -> Result<Response, Refusal> {
    let session = signed_in(&who)?;
    let (sso, now, locale) = (&site.sso, site.now(), visit.locale);
    let clients = sso.desk().clients().await?;
    let named = |id: ClientId| clients.iter().find(|client| client.id == id);
    let name = |id| named(id).map_or("–", |client| client.terms.name.get(locale)).to_owned();
    let words = |grant: &sso::GrantView| match named(grant.client) {
        Some(client) => scopes(grant, client, locale),
        None => Vec::new(),
    };
    let grants = sso.grants(session.user, now).await?;
    let grants = grants.iter().map(|grant| GrantRow {
        id: grant.grant.to_string(),
        client: name(grant.client),
        scopes: words(grant),
        since: moment(grant.made_at),
    });
    let bindings = sso.bindings(session.user, None).await?.into_iter().map(|row| BindingRow {
        client_id: row.client.to_string(),
        client: name(row.client),
        business_user: row.business_user,
        since: moment(row.bound_at),
    });
    let identities = sso.identities(session.user).await?.into_iter();
    let identities = identities
        .map(|row| IdentityRow { issuer: row.issuer, since: moment(row.linked_at) })
        .collect();
    let phone = site.members.profile(session.user, now).await?.phone.to_string();
    let (grants, bindings) = (grants.collect(), bindings.collect());
    let frame = Frame::bare(visit, now);
    Ok(page(&AccountPage { frame, phone, grants, bindings, identities })?.into_response())
}

fn scopes(grant: &sso::GrantView, client: &Client, locale: Locale) -> Vec<String> {
    grant.scope.iter().map(|scope| scope_words(scope, client, locale)).collect()
}

/// Which grant.
#[derive(Deserialize)]
pub(super) struct GrantForm {
    grant: GrantId,
}

/// Takes a grant back.
pub(super) async fn withdraw(
    State(site): State<Site>,
    who: SsoVisit,
    Form(GrantForm { grant }): Form<GrantForm>,
) -> Result<Response, Refusal> {
    let user = signed_in(&who)?.user;
    site.sso.withdraw(user, grant, &user.to_string(), site.now()).await?;
    Ok(see_other("/oauth/account"))
}

/// Which binding.
#[derive(Deserialize)]
pub(super) struct BindingForm {
    client: ClientId,
    business_user: String,
}

/// Unbinds a business user.
pub(super) async fn unbind(
    State(site): State<Site>,
    who: SsoVisit,
    Form(BindingForm { client, business_user }): Form<BindingForm>,
) -> Result<Response, Refusal> {
    let user = signed_in(&who)?.user;
    site.sso.unbind(client, user, &business_user, &user.to_string(), site.now()).await?;
    Ok(see_other("/oauth/account"))
}

/// Whose word.
#[derive(Deserialize)]
pub(super) struct IdentityForm {
    issuer: String,
}

/// Unlinks an outside identity.
pub(super) async fn unlink(
    State(site): State<Site>,
    who: SsoVisit,
    Form(IdentityForm { issuer }): Form<IdentityForm>,
) -> Result<Response, Refusal> {
    let user = signed_in(&who)?.user;
    site.sso.unlink(user, &issuer, &user.to_string(), site.now()).await?;
    Ok(see_other("/oauth/account"))
}

/// Ends the session.
pub(super) async fn sign_out(
    State(site): State<Site>,
    visit: Visit,
    who: SsoVisit,
) -> Result<Response, Refusal> {
    if let Some(secret) = who.session_secret() {
        site.sso.sign_out(secret).await?;
    }
    let frame = Frame::bare(visit, site.now());
    let (phone, grants, bindings, identities) = (String::new(), vec![], vec![], vec![]);
    let written = page(&AccountPage { frame, phone, grants, bindings, identities })?;
    Ok(([(header::SET_COOKIE, who.no_session_cookie())], written).into_response())
}

#[cfg(test)]
impl AccountPage {
    pub(in crate::console) fn sample(locale: Locale) -> Self {
        use crate::console::frame::Section;
        use crate::console::words::pick;
        let client = pick(locale, "Lotus Tea <b>order", "莲花茶铺").to_owned();
        let since = "2026-10-12 09:30:00".to_owned();
        Self {
            frame: Frame { open_date: None, ..Frame::sample(locale, Section::None) },
            phone: "132******95".to_owned(),
            grants: vec![GrantRow {
                id: "grt_0000000000000000000000000".to_owned(),
                client: client.clone(),
                scopes: vec![pick(locale, "See your phone number", "查看您的手机号").to_owned()],
                since: since.clone(),
            }],
            bindings: vec![BindingRow {
                client_id: "cli_0000000000000000000000000".to_owned(),
                client,
                business_user: "u-1".to_owned(),
                since: since.clone(),
            }],
            identities: vec![IdentityRow { issuer: "https://id.example".to_owned(), since }],
        }
    }
}
