//! JSON bodies, strictly: right media type, bounded size, no unknown or duplicate field, one
//! clear problem for anything else.

use crate::problem::Refusal;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
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

/// Reads a JSON object.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // serde would take a list for an object, its fields by their position.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(not_an_object());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        problem(&path, error.inner())
    })?;
    reader.end().map_err(|error| problem(".", &error))?;
    Ok(value)
}

/// Names the field where serde tells it: in its own message for unknown, missing and duplicate
/// fields, else by the path it had reached.
fn problem(path: &str, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let quoted = message.split('`').nth(1).map(str::to_owned);
    let place = |name: String| match path {
        "." => name,
        _ if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        _ => format!("{path}.{name}"),
    };
    if error.is_data() {
        for (start, code, zh) in [
            ("unknown field", "unknown_field", "未知字段"),
            ("missing field", "missing_field", "缺少字段"),
            ("duplicate field", "duplicate_field", "字段重复"),
        ] {
            if let (true, Some(name)) = (message.starts_with(start), quoted.clone()) {
                let field = place(name);
                let zh = format!("{zh}：{field}");
                return Problem::new(ProblemKind::Invalid, code, message, zh).at(field);
            }
        }
        let zh = format!("字段值不合要求：{message}");
        let problem = Problem::new(ProblemKind::Invalid, "invalid_field", message, zh);
        return if path == "." { problem } else { problem.at(path) };
    }
    let zh = format!("不是合法的 JSON：{message}");
    Problem::new(ProblemKind::Invalid, "malformed_json", message, zh)
}

fn not_an_object() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "invalid_field",
        "the body must be a JSON object, not a list",
        "请求体须为 JSON 对象，而不是数组",
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Outer {
        amount_minor: i64,
        payer: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Inner {
        user: String,
    }

    #[test]
    fn every_fault_names_its_code_and_field() {
        let good = r#"{"amount_minor":1,"payer":{"user":"u"}}"#;
        parse::<Outer>(good.as_bytes()).expect("valid");
        for (body, code, field) in [
            ("", "malformed_json", None),
            ("{", "malformed_json", None),
            (r#"{"amount_minor":1,"payer":{"user":"u"}} x"#, "malformed_json", None),
            (r#"{"amount_minor":1}"#, "missing_field", Some("payer")),
            (r#"{"amount_minor":1,"payer":{}}"#, "missing_field", Some("payer.user")),
            (r#"{"amount_minor":1,"payer":{"user":"u","x":1}}"#, "unknown_field", Some("payer.x")),
            (r#"{"amount_minor":1,"amount_minor":2}"#, "duplicate_field", Some("amount_minor")),
            (r#"{"amount_minor":1.5,"payer":{"user":"u"}}"#, "invalid_field", Some("amount_minor")),
            (r#"{"amount_minor":"1","payer":{"user":"u"}}"#, "invalid_field", Some("amount_minor")),
            (r#"{"amount_minor":1,"payer":{"user":3}}"#, "invalid_field", Some("payer.user")),
            ("[]", "invalid_field", None),
            (r#" [1,{"user":"u"}]"#, "invalid_field", None),
        ] {
            let problem = parse::<Outer>(body.as_bytes()).expect_err(body);
            assert_eq!(
                (problem.code, problem.field.as_deref()),
                (code, field),
                "{body}: {problem}"
            );
        }
    }
}
