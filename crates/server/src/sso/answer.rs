//! Answers as the protocol has them. An error has, beside what RFC 6749 wants, the house's own
//! `code` and the sentence in the reader's language.

use crate::app::Site;
use crate::problem;
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sso::{Error, NONCE_HEADER, OAuthError};
use types::{Locale, ProblemKind};

#[derive(Serialize)]
struct ErrorBody {
    error: &'static str,
    error_description: String,
    code: &'static str,
    detail: String,
}

/// What was asked for, or why not.
pub(super) fn told<T: Serialize>(
    site: &Site,
    locale: Locale,
    result: Result<T, Error>,
    status: StatusCode,
) -> Response {
    match result {
        Ok(body) => with_nonce(site, (status, Json(body)).into_response()),
        Err(error) => refused(site, locale, &error),
    }
}

/// Why not.
pub(super) fn refused(site: &Site, locale: Locale, error: &Error) -> Response {
    let (name, problem) = error.told();
    // A problem of form that no rule of the protocol names is an invalid request.
    let name = match (name, problem.kind) {
        (OAuthError::AccessDenied, ProblemKind::Invalid) => OAuthError::InvalidRequest,
        (name, _) => name,
    };
    let status = match name {
        OAuthError::InvalidClient | OAuthError::InvalidToken => StatusCode::UNAUTHORIZED,
        OAuthError::InsufficientScope => StatusCode::FORBIDDEN,
        OAuthError::ServerError | OAuthError::TemporarilyUnavailable => {
            problem::status(problem.kind)
        }
        _ => StatusCode::BAD_REQUEST,
    };
    let body = ErrorBody {
        error: name.name(),
        error_description: sso::description(problem.code, &problem.reason.en),
        code: problem.code,
        detail: problem.reason.get(locale).to_owned(),
    };
    let mut response = with_nonce(site, (status, Json(body)).into_response());
    if name == OAuthError::InvalidClient {
        let challenge = HeaderValue::from_static("Basic realm=\"countinghouse\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Why a request with an access token was refused (RFC 6750 section 3, RFC 9449 section 7.1): the
/// same, and in a header that says how to ask.
pub(super) fn challenged(site: &Site, locale: Locale, error: &Error) -> Response {
    let (name, problem) = error.told();
    let mut response = refused(site, locale, error);
    let of_proof = matches!(name, OAuthError::UseDpopNonce | OAuthError::InvalidDpopProof);
    if of_proof {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    let scheme = if of_proof { "DPoP" } else { "Bearer" };
    let description = sso::description(problem.code, &problem.reason.en);
    let value = format!("{scheme} error=\"{}\", error_description=\"{description}\"", name.name());
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// The nonce that the next proof is to carry.
fn with_nonce(site: &Site, mut response: Response) -> Response {
    if let (Ok(name), Ok(value)) = (
        HeaderName::from_bytes(NONCE_HEADER.as_bytes()),
        HeaderValue::from_str(&site.sso.dpop_nonce(site.now())),
    ) {
        response.headers_mut().insert(name, value);
    }
    response
}
