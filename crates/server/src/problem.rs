//! Refusals as RFC 9457 `application/problem+json`, in the reader's language.

use crate::extract::Reader;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
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

/// A refusal on its way to a reader. It is written in English until [`speak`] meets it, which
/// knows the reader.
#[derive(Debug)]
pub struct Refusal(Problem);

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The problem that a response tells, for [`speak`].
#[derive(Debug, Clone)]
struct Told(Problem);

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
        let Self(problem) = self;
        if status(problem.kind).is_server_error() {
            tracing::error!(code = problem.code, reason = %problem.reason.en, "request failed");
        }
        let mut response = write(&problem, Locale::En);
        response.extensions_mut().insert(Told(problem));
        response
    }
}

fn write(problem: &Problem, locale: Locale) -> Response {
    let status = status(problem.kind);
    let body = ProblemBody {
        kind: format!("/docs/errors#{}", problem.code),
        status: status.as_u16(),
        code: problem.code,
        detail: problem.reason.get(locale).to_owned(),
        retryable: problem.retryable(),
        field: problem.field.clone(),
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

/// The problem that a response tells.
pub(crate) fn told(response: &Response) -> Option<&Problem> {
    response.extensions().get::<Told>().map(|Told(problem)| problem)
}

/// Writes a refusal in the language of the one who asked.
pub(crate) async fn speak(Reader(locale): Reader, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match told(&response) {
        Some(problem) if locale != Locale::En => write(problem, locale),
        _ => response,
    }
}
