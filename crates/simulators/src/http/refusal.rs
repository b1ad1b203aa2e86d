//! What a simulator answers when it does not do what was asked: a status and a coded document.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use channels::contract::{ErrorAnswer, IDEMPOTENCY_CONFLICT, ORDER_NOT_FOUND};
use types::BusinessDate;

/// One refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    field: Option<&'static str>,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, field: None, message: message.into() }
    }

    /// A field that breaks a rule of the contract.
    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        let code = if field == "currency" { "currency_unsupported" } else { "invalid_field" };
        Self { field: Some(field), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_body", message)
    }

    pub(super) fn not_json() -> Self {
        let message = "the body must be application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    pub(super) fn too_long() -> Self {
        let message = "the body is longer than 64 KiB";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_long", message)
    }

    pub(super) fn header(name: &'static str, message: &'static str) -> Self {
        let code = "signature_header_invalid";
        Self { field: Some(name), ..Self::new(StatusCode::UNAUTHORIZED, code, message) }
    }

    pub(super) fn signature() -> Self {
        let message = "the signature is not this request's";
        Self::new(StatusCode::UNAUTHORIZED, "signature_invalid", message)
    }

    pub(super) fn conflict(no: &str) -> Self {
        let message = format!("'{no}' already names another trade");
        Self::new(StatusCode::CONFLICT, IDEMPOTENCY_CONFLICT, message)
    }

    pub(super) fn closed_otherwise(date: BusinessDate) -> Self {
        let message = format!("{date} was closed with other differences");
        Self::new(StatusCode::CONFLICT, "day_closed", message)
    }

    pub(super) fn unsupported() -> Self {
        let message = "this channel does not offer it";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "kind_unsupported", message)
    }

    pub(super) fn no_order() -> Self {
        let message = "no order of this number was ever accepted";
        Self::new(StatusCode::NOT_FOUND, ORDER_NOT_FOUND, message)
    }

    pub(super) fn not_ready() -> Self {
        let message = "the day is not closed yet";
        Self::new(StatusCode::NOT_FOUND, "statement_not_ready", message)
    }

    pub(super) fn no_page() -> Self {
        Self::new(StatusCode::NOT_FOUND, "page_not_found", "the contract has no such path")
    }

    pub(super) fn no_method() -> Self {
        let message = "the contract has no such method here";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub(super) fn stumbled() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let answer = ErrorAnswer {
            code: self.code.to_owned(),
            field: self.field.map(str::to_owned),
            message: self.message,
        };
        (self.status, Json(answer)).into_response()
    }
}
