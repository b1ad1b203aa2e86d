//! The user for whom a client acts, by an access token; and the shapes of what is told.

use crate::app::Site;
use crate::problem::Refusal;
use crate::sso::{authorization, dpop};
use axum::http::HeaderMap;
use serde::Serialize;
use sso::model::scope::Scope;
use sso::{Access, Binding};

/// What a request may do for its user, which must be binding.
pub(super) async fn binding(
    site: &Site,
    headers: &HeaderMap,
    method: &str,
    path: &str,
) -> Result<Access, Refusal> {
    let (authorization, dpop) = (authorization(headers), dpop(headers));
    let of = (method, path);
    let access =
        site.sso.access(authorization.as_deref(), dpop.as_deref(), of, Scope::Bind, site.now());
    Ok(access.await?)
}

/// A business user that is bound.
#[derive(Serialize, utoipa::ToSchema)]
pub struct BindingBody {
    /// The binding.
    #[schema(example = "biz_01jb2k3m4n5p6q7r8s9t0v1w2x")]
    id: String,
    /// The business system.
    client: String,
    /// The user id in that system.
    business_user: String,
    /// Since when, RFC 3339.
    bound_at: String,
}

impl From<Binding> for BindingBody {
    fn from(binding: Binding) -> Self {
        Self {
            id: binding.id.to_string(),
            client: binding.client.to_string(),
            business_user: binding.business_user,
            bound_at: binding.bound_at.to_string(),
        }
    }
}
