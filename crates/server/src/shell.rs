//! What surrounds every endpoint: request id, log line, body limit, panic net, security headers.

use crate::extract::BODY_LIMIT;
use crate::problem::{self, Refusal};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use std::any::Any;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;
use types::{Problem, ProblemKind, Random};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Own files only, no script at all.
const CONSOLE_POLICY: &str = "default-src 'self'; script-src 'none'; object-src 'none'; \
                              base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The try-it page runs its own scripts, writes style attributes and draws icons from data URLs.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                           frame-ancestors 'none'";

/// Puts the shell around a router.
pub(crate) fn around(routes: Router, random: Arc<dyn Random>) -> Router {
    let shell = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, Ids(random)))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(middleware::from_fn(security_headers))
        .layer(middleware::from_fn(problem::speak))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    routes.layer(shell)
}

/// Sixteen bytes of chance a request.
#[derive(Clone)]
struct Ids(Arc<dyn Random>);

impl MakeRequestId for Ids {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let mut bytes = [0; 16];
        self.0.fill(&mut bytes);
        HeaderValue::from_str(&hex::encode(bytes)).ok().map(RequestId::new)
    }
}

/// Method, path and id; never the query, which may hold a sign-in token.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        id = id.unwrap_or_default(),
    )
}

async fn security_headers(request: Request, next: Next) -> Response<Body> {
    let docs = request.uri().path().starts_with("/docs");
    let policy = if docs { DOCS_POLICY } else { CONSOLE_POLICY };
    let path = request.uri().path();
    let still = docs && [".js", ".css", ".png"].iter().any(|end| path.ends_with(end));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // Not `no-referrer`: a browser would then send `Origin: null` with the console's own forms.
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // The files of the try-it page change with the binary only.
    set(header::CACHE_CONTROL, if still { "public, max-age=86400" } else { "no-store" });
    response
}

/// The panic itself goes to the log by the panic hook; the caller learns only that it was ours.
fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let problem = Problem::new(
        ProblemKind::Internal,
        "internal_fault",
        "a fault of ours; ask for the order before you send it again",
        "系统内部错误；重发前请先查询订单",
    );
    Refusal::from(problem).into_response()
}
