//! The query of a URL. Its types carry `deny_unknown_fields`.

use crate::problem::Refusal;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use types::{Problem, ProblemKind};

/// A query that was read in full.
#[derive(Debug)]
pub struct StrictQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(query)| Self(query)).map_err(|error| {
            let en = error.body_text();
            let zh = format!("查询参数有误：{en}");
            let problem = Problem::new(ProblemKind::Invalid, "query_invalid", en, zh);
            problem.at("query").into()
        })
    }
}
