//! `Idempotency-Key`: another place for the merchant's own order number.

use crate::problem::Refusal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use types::{Problem, ProblemKind};

const HEADER: &str = "idempotency-key";

/// The header's text, if it was sent.
#[derive(Debug, Clone, Default)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The one order number of a request that may name it in its body, in its header, or in both
    /// alike.
    pub fn order_no(self, body: Option<String>) -> Result<String, Problem> {
        match (body, self.0) {
            (Some(body), Some(header)) if body != header => Err(Problem::new(
                ProblemKind::Invalid,
                "idempotency_key_mismatch",
                "the header Idempotency-Key and order_no must be the same, or one of them absent",
                "请求头 Idempotency-Key 与 order_no 须一致，或只给出其一",
            )
            .at("order_no")),
            (Some(key), _) | (None, Some(key)) => Ok(key),
            (None, None) => Err(Problem::new(
                ProblemKind::Invalid,
                "missing_field",
                "missing field `order_no`: it (or the header Idempotency-Key) makes a retry safe",
                "缺少字段 order_no：须以它或请求头 Idempotency-Key 保证重试安全",
            )
            .at("order_no")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let text = value.to_str().ok().filter(|text| !text.is_empty());
        text.map(|text| Self(Some(text.to_owned()))).ok_or_else(|| {
            let problem = Problem::new(
                ProblemKind::Invalid,
                "text_invalid",
                "Idempotency-Key must be visible ASCII",
                "Idempotency-Key 须为可见 ASCII 字符",
            );
            problem.at("idempotency-key").into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_and_header_name_one_number() {
        let text = |t: Option<&str>| t.map(str::to_owned);
        for (body, header, result) in [
            (Some("a"), None, Ok("a")),
            (None, Some("a"), Ok("a")),
            (Some("a"), Some("a"), Ok("a")),
            (Some("a"), Some("b"), Err("idempotency_key_mismatch")),
            (None, None, Err("missing_field")),
        ] {
            let found = IdempotencyKey(text(header)).order_no(text(body));
            let found = found.as_deref().map_err(|problem| problem.code);
            assert_eq!(found, result, "{body:?} {header:?}");
        }
    }
}
