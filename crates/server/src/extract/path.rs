//! Ids, dates and codes in a path: one parameter, read strictly.

use crate::problem::Refusal;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use std::str::FromStr;
use types::{BusinessDate, DateError, IdError, Problem, ProblemKind};

/// An id.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

/// A date as `2026-10-12`.
#[derive(Debug, Clone, Copy)]
pub struct Date(pub BusinessDate);

/// A code, such as a channel's.
#[derive(Debug, Clone)]
pub struct Code(pub String);

/// A number, such as an approval's.
#[derive(Debug, Clone, Copy)]
pub struct Number(pub i64);

/// The parameter of a path that has one.
async fn text<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<String, Problem> {
    let read = Path::<String>::from_request_parts(parts, state).await;
    read.map(|Path(text)| text).map_err(|error| {
        let zh = format!("路径无效：{}", error.body_text());
        Problem::new(ProblemKind::Invalid, "path_invalid", error.body_text(), zh)
    })
}

fn no_id(error: &IdError) -> Problem {
    let (text, prefix) = (&error.text, error.prefix);
    Problem::new(
        ProblemKind::Invalid,
        "id_malformed",
        error.to_string(),
        format!("“{text}”不是 {prefix}_ 加 26 位字符（0-9、a-z，不含 i l o u）的编号"),
    )
    .at("id")
}

fn no_date(error: &DateError) -> Problem {
    let zh = format!("“{}”不是 2026-10-12 形式的日期", error.text);
    Problem::new(ProblemKind::Invalid, "date_malformed", error.to_string(), zh).at("date")
}

impl<S: Send + Sync, T: FromStr<Err = IdError>> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = text(parts, state).await?;
        Ok(Self(text.parse().map_err(|error| no_id(&error))?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Date {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = text(parts, state).await?;
        Ok(Self(text.parse().map_err(|error| no_date(&error))?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Code {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Ok(Self(text(parts, state).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = text(parts, state).await?;
        let number = text.parse().map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            let (en, zh) = (format!("'{shown}' is no number"), format!("“{shown}”不是编号"));
            Problem::new(ProblemKind::Invalid, "path_invalid", en, zh)
        })?;
        Ok(Self(number))
    }
}
