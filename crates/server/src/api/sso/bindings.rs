//! `GET /v1/bindings`: the calling system's own users that are bound to the user.

use super::user::{BindingBody, binding};
use crate::api::Answer;
use crate::app::Site;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;

/// Bindings, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct BindingsBody {
    /// The bindings.
    bindings: Vec<BindingBody>,
}

/// List the calling system's user ids that are bound to the user of the access token
#[utoipa::path(get, path = "/v1/bindings", tag = "sign-on", operation_id = "list_bindings",
    security(("user" = [])),
    responses((status = OK, body = BindingsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(State(site): State<Site>, headers: HeaderMap) -> Answer<BindingsBody> {
    let access = binding(&site, &headers, "GET", "/v1/bindings").await?;
    let bindings = site.sso.bindings(access.user, Some(access.client)).await?;
    Ok(Json(BindingsBody { bindings: bindings.into_iter().map(BindingBody::from).collect() }))
}
