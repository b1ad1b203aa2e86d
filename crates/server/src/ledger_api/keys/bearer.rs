//! The program that signs a request with its ledger key.

use super::{LedgerKey, Scope};
use crate::extract::bearer;
use crate::ledger_api::LedgerDesk;
use crate::problem::Refusal;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use std::sync::Arc;
use types::{Problem, ProblemKind};

/// A program that may read.
#[derive(Debug, Clone)]
pub struct Reads(pub Arc<LedgerKey>);

/// A program that may post.
#[derive(Debug, Clone)]
pub struct Poster(pub Arc<LedgerKey>);

fn missing() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "ledger_key_missing",
        "send your ledger key as 'Authorization: Bearer <key>'",
        "请以“Authorization: Bearer <密钥>”发送账务密钥",
    )
    .at("authorization")
}

fn invalid() -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
        "ledger_key_invalid",
        "this is no ledger key, or it was revoked",
        "账务密钥无效或已吊销",
    )
    .at("authorization")
}

fn out_of_scope(scope: Scope) -> Problem {
    let code = scope.code();
    Problem::new(
        ProblemKind::Forbidden,
        "ledger_key_scope",
        format!("the key is not for '{code}'"),
        format!("该密钥没有“{code}”权限"),
    )
    .at("authorization")
}

async fn key<S>(parts: &Parts, state: &S, scope: Scope) -> Result<Arc<LedgerKey>, Refusal>
where
    LedgerDesk: FromRef<S>,
{
    let text = bearer(&parts.headers).ok_or_else(missing)?;
    let desk = LedgerDesk::from_ref(state);
    let key = desk.keys.known(text).await?.ok_or_else(invalid)?;
    if key.may(scope) { Ok(key) } else { Err(out_of_scope(scope).into()) }
}

impl<S: Send + Sync> FromRequestParts<S> for Reads
where
    LedgerDesk: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        key(parts, state, Scope::Read).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Poster
where
    LedgerDesk: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        key(parts, state, Scope::Post).await.map(Self)
    }
}
