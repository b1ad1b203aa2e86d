//! Refusals as RFC 9457 `application/problem+json`, in the reader's language.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use types::{Locale, Problem, ProblemKind};

/// The body of every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors#amount_not_positive")]
    pub kind: String,
    /// The status, again.
    #[schema(example = 400)]
    pub status: u16,
    /// The stable code; branch on this.
    #[schema(example = "amount_not_positive")]
    pub code: &'static str,
    /// The rule and what is wrong with the value, in the language of `Accept-Language`.
    pub detail: String,
    /// The input field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "amount_minor")]
    pub field: Option<String>,
    /// Whether sending the same again may succeed.
    pub retryable: bool,
}

/// A refusal on its way to a reader.
#[derive(Debug)]
pub struct Refusal {
    problem: Problem,
    locale: Locale,
}

impl Refusal {
    /// A refusal for a reader of this language.
    pub fn new(problem: impl Into<Problem>, locale: Locale) -> Self {
        Self { problem: problem.into(), locale }
    }
}

/// The status of a family of problems.
pub const fn status(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::Invalid => StatusCode::BAD_REQUEST,
        ProblemKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::Overloaded => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { problem, locale } = self;
        let status = status(problem.kind);
        if status.is_server_error() {
            tracing::error!(code = problem.code, reason = %problem.reason.en, "request failed");
        }
        let body = ProblemBody {
            kind: format!("/docs/errors#{}", problem.code),
            status: status.as_u16(),
            code: problem.code,
            detail: problem.reason.get(locale).to_owned(),
            retryable: problem.retryable(),
            field: problem.field,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag()));
        response
    }
}
