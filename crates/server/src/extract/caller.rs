//! The merchant that signs a request with its API key.

use crate::app::Site;
use crate::problem::Refusal;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use members::Merchant;
use std::sync::Arc;
use types::{Problem, ProblemKind};

/// A merchant whose key was right.
#[derive(Debug, Clone)]
pub struct Caller(pub Arc<Merchant>);

/// The credential of `Authorization: Bearer <credential>`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    let credential = credential.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty()).then_some(credential)
}

fn missing() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "api_key_missing",
        "send your API key as 'Authorization: Bearer <key>'",
        "请以“Authorization: Bearer <密钥>”发送 API 密钥",
    )
    .at("authorization")
}

fn invalid() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "api_key_invalid",
        "this is no merchant's API key",
        "API 密钥无效",
    )
    .at("authorization")
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Refusal> {
        let key = bearer(&parts.headers).ok_or_else(missing)?;
        Ok(site.members.merchant_by_api_key(key).map(Self).ok_or_else(invalid)?)
    }
}
