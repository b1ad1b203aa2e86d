//! `POST /oauth/requests/{handle}/password`: signs in by the payment password. For the institution's
//! own apps, whose key pad seals it; a page of ours has no script and never sees one.

use crate::app::Site;
use crate::console::SsoVisit;
use crate::extract::StrictJson;
use crate::problem::Refusal;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// Who signs in, and the sealed password, bound to the order `sso.sign-in`, amount 0, and as payee
/// the client that asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    user: UserId,
    envelope: Envelope,
}

pub(super) async fn post(
    State(site): State<Site>,
    visit: SsoVisit,
    Path(handle): Path<String>,
    StrictJson(body): StrictJson<PasswordBody>,
) -> Result<Response, Refusal> {
    let now = site.now();
    let asked = site.sso.consent(&handle, &visit.browser, None, now).await?;
    let signed_in =
        site.sso.sign_in_by_password(asked.client.id, body.user, &body.envelope, now).await?;
    let cookie = visit.session_cookie(&signed_in);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
