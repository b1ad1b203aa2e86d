//! `POST /v1/bindings`: binds a business user to the user who allowed it.

use super::user::{BindingBody, binding};
use crate::api::Answer;
use crate::app::Site;
use crate::extract::StrictJson;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

/// Whom to bind.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BindBody {
    /// The user id in the calling system, 1 to 128 bytes.
    #[schema(example = "u-20261012-7")]
    pub(super) business_user: String,
}

/// Bind a user id of the calling system to the user of the access token (scope `bind`)
///
/// The same again gives the binding that is there.
#[utoipa::path(post, path = "/v1/bindings", tag = "sign-on", operation_id = "bind",
    security(("user" = [])), request_body = BindBody,
    responses((status = OK, body = BindingBody),
        (status = CONFLICT, body = ProblemBody, content_type = "application/problem+json",
            description = "`binding_exists`: bound to another user"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    State(site): State<Site>,
    headers: HeaderMap,
    StrictJson(body): StrictJson<BindBody>,
) -> Answer<BindingBody> {
    let access = binding(&site, &headers, "POST", "/v1/bindings").await?;
    let bound = site.sso.bind(access.client, access.user, &body.business_user, site.now()).await?;
    Ok(Json(bound.into()))
}
