//! Reading a request: no unknown or doubled field, no list for an object, one clear problem for
//! anything else.

use crate::strict::{NOT_AN_OBJECT, Strict};
use serde::de::DeserializeOwned;
use types::{Problem, ProblemKind};

/// Reads a JSON object. Field types carry `deny_unknown_fields`; none takes whatever comes.
///
/// # Errors
/// `malformed_json`; `unknown_field`, `missing_field`, `duplicate_field` and `invalid_field` with
/// the field's path.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
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
        let zh = if message.starts_with(NOT_AN_OBJECT) {
            "须为 JSON 对象，而不是数组".to_owned()
        } else {
            format!("字段值不合要求：{message}")
        };
        let problem = Problem::new(ProblemKind::Invalid, "invalid_field", message, zh);
        return if path == "." { problem } else { problem.at(path) };
    }
    let zh = format!("不是合法的 JSON：{message}");
    Problem::new(ProblemKind::Invalid, "malformed_json", message, zh)
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
            (r#"{"amount_minor":1,"payer":["u"]}"#, "invalid_field", Some("payer")),
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
