//! `GET /v1/admin/users/{user}/sign-ons`: where a user is known, and what he has allowed.

use super::user::BindingBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Id, Operator};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sso::{GrantView, Identity};
use types::UserId;

/// Bindings, grants and outside identities in force.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SignOnsBody {
    /// Business users that are bound to the user.
    bindings: Vec<BindingBody>,
    /// What clients may do: `grant`, `client`, `scope`, `bound_to_key`, `made_at`, `expires_at`.
    #[schema(value_type = Vec<serde_json::Value>)]
    grants: Vec<GrantView>,
    /// Outside identities: `issuer`, `linked_at`.
    #[schema(value_type = Vec<serde_json::Value>)]
    identities: Vec<Identity>,
}

/// Show where a user is known, and what the user has allowed
#[utoipa::path(get, path = "/v1/admin/users/{user}/sign-ons", tag = "operators",
    operation_id = "show_sign_ons", security(("operator" = [])),
    params(("user" = String, Path, description = "The user")),
    responses((status = OK, body = SignOnsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Operator,
    State(site): State<Site>,
    Id(user): Id<UserId>,
) -> Answer<SignOnsBody> {
    let bindings = site.sso.bindings(user, None).await?;
    Ok(Json(SignOnsBody {
        bindings: bindings.into_iter().map(BindingBody::from).collect(),
        grants: site.sso.grants(user, site.now()).await?,
        identities: site.sso.identities(user).await?,
    }))
}
