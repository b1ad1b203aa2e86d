//! `POST /v1/bindings/unbind`: unbinds a business user.

use super::bind::BindBody;
use super::user::binding;
use crate::app::Site;
use crate::extract::StrictJson;
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

/// Unbind a user id of the calling system from the user of the access token (scope `bind`)
///
/// It may be bound anew, to anybody. The user can do the same at `/oauth/account`.
#[utoipa::path(post, path = "/v1/bindings/unbind", tag = "sign-on", operation_id = "unbind",
    security(("user" = [])), request_body = BindBody,
    responses((status = NO_CONTENT),
        (status = NOT_FOUND, body = ProblemBody, content_type = "application/problem+json",
            description = "`binding_not_found`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    State(site): State<Site>,
    headers: HeaderMap,
    StrictJson(body): StrictJson<BindBody>,
) -> Result<StatusCode, Refusal> {
    let access = binding(&site, &headers, "POST", "/v1/bindings/unbind").await?;
    let (client, user) = (access.client, access.user);
    let who = client.to_string();
    site.sso.unbind(client, user, &body.business_user, &who, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
