//! A request of a client: its form, its credential, its proof of possession.

use super::answer;
use crate::app::Site;
use crate::extract::Reader;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::Response;
use sso::Asked;
use sso::model::form::{Form, MOST_BYTES};
use types::{Problem, ProblemKind};

/// A request that was read in full.
pub(super) struct Call {
    form: Form,
    authorization: Option<String>,
    dpop: Option<String>,
}

impl Call {
    /// The same as the room wants it; `path` is what was asked.
    pub(super) fn asked(&self, path: &'static str) -> Asked<'_> {
        let (authorization, dpop) = (self.authorization.as_deref(), self.dpop.as_deref());
        Asked { form: &self.form, authorization, dpop, path }
    }
}

/// The one Authorization header; of several none can be believed, and an empty one is refused.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<String> {
    only(headers, AUTHORIZATION.as_str())
}

/// The one `DPoP` header (RFC 9449 section 4.3: more than one is refused).
pub(crate) fn dpop(headers: &HeaderMap) -> Option<String> {
    only(headers, "dpop")
}

fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().unwrap_or_default();
    Some(if all.next().is_some() { String::new() } else { first.to_owned() })
}

fn no_form() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "oauth_form_malformed",
        "the body must be application/x-www-form-urlencoded, whole and not too long",
        "请求体须为完整且不过长的 application/x-www-form-urlencoded",
    )
}

impl FromRequest<Site> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Response> {
        let Reader(locale) = Reader::of(request.headers());
        let refused = |error: sso::Error| answer::refused(site, locale, &error);
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(refused(no_form().into()));
        }
        let (authorization, dpop) = (authorization(request.headers()), dpop(request.headers()));
        let body = to_bytes(request.into_body(), MOST_BYTES).await;
        let body = body.map_err(|_| refused(no_form().into()))?;
        let form = Form::parse(&body).map_err(|refusal| refused(refusal.into()))?;
        Ok(Self { form, authorization, dpop })
    }
}
