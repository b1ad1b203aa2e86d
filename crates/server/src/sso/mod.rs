//! The authorisation centre's endpoints for programs, at the addresses that its discovery document
//! names. They speak the protocol (forms in, JSON out, errors as RFC 6749 has them); the pages for
//! people are in the console.

mod answer;
mod call;
mod discovery;
mod introspect;
mod jwks;
mod par;
mod password;
mod revoke;
mod token;
mod userinfo;

pub(crate) use call::{authorization, dpop};

use crate::app::Site;
use axum::Router;
use axum::routing::{get, post};

/// Every endpoint.
pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::get))
        .route("/.well-known/oauth-authorization-server", get(discovery::get))
        .route("/oauth/jwks", get(jwks::get))
        .route("/oauth/token", post(token::post))
        .route("/oauth/par", post(par::post))
        .route("/oauth/revoke", post(revoke::post))
        .route("/oauth/introspect", post(introspect::post))
        .route("/oauth/userinfo", get(userinfo::get).post(userinfo::post))
        .route("/oauth/requests/{handle}/password", post(password::post))
}
