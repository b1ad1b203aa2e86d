//! JSON bodies, strictly: right media type, bounded size, read by [`jsonform::parse`].

use crate::problem::Refusal;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use jsonform::parse;
use serde::de::DeserializeOwned;
use types::{Problem, ProblemKind};

/// The largest body an endpoint reads, bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// A body that was read in full. Field types carry `deny_unknown_fields`.
#[derive(Debug)]
pub struct StrictJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for StrictJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(unsupported_media_type(essence).into());
        }
        let body = to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| body_too_large())?;
        Ok(Self(parse(&body)?))
    }
}

fn unsupported_media_type(found: &str) -> Problem {
    let found: String = found.chars().take(60).collect();
    Problem::new(
        ProblemKind::Invalid,
        "unsupported_media_type",
        format!("the body must be application/json, not '{found}'"),
        format!("请求体须为 application/json，而不是“{found}”"),
    )
    .at("content-type")
}

fn body_too_large() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "body_too_large",
        format!("the body is cut off or exceeds {BODY_LIMIT} bytes"),
        format!("请求体不完整或超过 {BODY_LIMIT} 字节"),
    )
}
