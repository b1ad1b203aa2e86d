//! Refusals as RFC 9457 `application/problem+json`, in the reader's language.

use crate::extract::Reader;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
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
    /// What a code has beside (RFC 9457, extension members); its endpoint describes it.
    #[serde(flatten)]
    #[schema(ignore)]
    pub more: Option<Map<String, Value>>,
}

/// A refusal on its way to a reader. It is written in English until [`speak`] meets it, which
/// knows the reader.
#[derive(Debug, Clone)]
pub struct Refusal {
    problem: Problem,
    /// After how many seconds the same may succeed, where that is known.
    after: Option<u64>,
    /// What is told beside; in a box, as few refusals have any.
    more: Option<Box<Map<String, Value>>>,
}

/// Where the time is not known: the pause that is asked for after what may succeed later, seconds.
const PAUSE: u64 = 1;

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { problem: error.into(), after: None, more: None }
    }
}

impl Refusal {
    /// The same, telling after how many seconds to try again.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { after: Some(seconds), ..self }
    }

    /// The same with an extension member. One that is no JSON is left out: the code says enough.
    pub(crate) fn with(mut self, name: &str, value: &impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.more.get_or_insert_default().insert(name.to_owned(), value);
        }
        self
    }

    /// What is told.
    pub(crate) fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The `Retry-After` of what may succeed later.
    pub(crate) fn retry_after(&self) -> Option<HeaderValue> {
        let pause = self.problem.retryable().then_some(PAUSE);
        self.after.or(pause).map(HeaderValue::from)
    }

    fn write(&self, locale: Locale) -> Response {
        let mut response = write(&self.problem, self.more.as_deref(), locale);
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// The problem with its field named as the request names it, where the room calls it otherwise.
/// `names`: the room's name, the request's.
pub(crate) fn renamed(problem: Problem, names: &[(&str, &str)]) -> Problem {
    let field = problem.field.as_deref();
    match names.iter().find(|(rooms, _)| field == Some(*rooms)) {
        Some((_, requests)) => problem.at(*requests),
        None => problem,
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
        let problem = &self.problem;
        if status(problem.kind).is_server_error() {
            tracing::error!(code = problem.code, reason = %problem.reason.en, "request failed");
        }
        let mut response = self.write(Locale::En);
        // For `speak`.
        response.extensions_mut().insert(self);
        response
    }
}

fn write(problem: &Problem, more: Option<&Map<String, Value>>, locale: Locale) -> Response {
    let status = status(problem.kind);
    let body = ProblemBody {
        kind: format!("/docs/errors#{}", problem.code),
        status: status.as_u16(),
        code: problem.code,
        detail: problem.reason.get(locale).to_owned(),
        retryable: problem.retryable(),
        field: problem.field.clone(),
        more: more.cloned(),
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

/// The refusal that a response tells.
pub(crate) fn told(response: &Response) -> Option<&Refusal> {
    response.extensions().get()
}

/// Writes a refusal in the language of the one who asked.
pub(crate) async fn speak(Reader(locale): Reader, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match told(&response) {
        Some(refusal) if locale != Locale::En => refusal.write(locale),
        _ => response,
    }
}
