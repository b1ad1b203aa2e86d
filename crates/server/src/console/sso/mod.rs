//! Pages for users, not operators: signing in, saying what a business system may do, and looking at
//! what was said before. No page has a script; a payment password is never typed into one.

mod account;
mod consent;
mod federation;
mod sign_in;
mod visit;

#[cfg(test)]
pub(super) use account::AccountPage;
#[cfg(test)]
pub(super) use consent::ConsentPage;
#[cfg(test)]
pub(super) use sign_in::{CodePage, SignInPage};
pub(crate) use visit::SsoVisit;

use crate::app::Site;
use axum::Router;
use axum::routing::{get, post};

/// Every page.
pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/oauth/authorize", get(consent::begin))
        .route("/oauth/requests/{handle}", get(consent::show))
        .route("/oauth/requests/{handle}/code", post(sign_in::send))
        .route("/oauth/requests/{handle}/sign-in", post(sign_in::check))
        .route("/oauth/requests/{handle}/answer", post(consent::answer))
        .route("/oauth/account", get(account::show))
        .route("/oauth/account/withdraw", post(account::withdraw))
        .route("/oauth/account/unbind", post(account::unbind))
        .route("/oauth/account/unlink", post(account::unlink))
        .route("/oauth/account/sign-out", post(account::sign_out))
        .route("/federation/callback", get(federation::back))
        .route("/federation/link/{ticket}", get(federation::show))
        .route("/federation/link/{ticket}/code", post(federation::send))
        .route("/federation/link/{ticket}/sign-in", post(federation::check))
        .route("/federation/{provider}", get(federation::go))
}
