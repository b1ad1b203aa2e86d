//! `GET /v1/admin/users/{user}/sign-ons`: where a user is known, and what he has allowed.

use super::user::BindingBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Id, Operator};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sso::{Elsewhere, Identity};
use types::{ClientId, GrantId, Text, Timestamp, UserId};

/// Bindings, grants and outside identities in force.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SignOnsBody {
    /// Business users that are bound to the user, newest first.
    bindings: Vec<BoundBody>,
    /// What clients may do, newest first.
    grants: Vec<GrantBody>,
    /// Outside identities, oldest first.
    identities: Vec<IdentityBody>,
}

/// A business user that is bound, and the name of its system.
#[derive(Serialize, utoipa::ToSchema)]
pub struct BoundBody {
    #[serde(flatten)]
    binding: BindingBody,
    #[schema(value_type = Object)]
    client_name: Option<Text>,
}

/// What a client may do.
#[derive(Serialize, utoipa::ToSchema)]
pub struct GrantBody {
    #[schema(value_type = String)]
    grant: GrantId,
    #[schema(value_type = String)]
    client: ClientId,
    #[schema(value_type = Object)]
    client_name: Option<Text>,
    /// Scopes, with spaces between them.
    #[schema(example = "openid bind")]
    scope: String,
    /// How surely the user had signed in, as `acr` has it: 1 by an outside identity, 2 by a
    /// one-time code, 3 by the payment password.
    level: u8,
    /// Whether its tokens are bound to a key.
    bound_to_key: bool,
    #[schema(value_type = String)]
    made_at: Timestamp,
    /// Until when at most.
    #[schema(value_type = String)]
    expires_at: Timestamp,
}

/// An outside identity.
#[derive(Serialize, utoipa::ToSchema)]
pub struct IdentityBody {
    /// The provider whose word it is.
    issuer: String,
    #[schema(value_type = String)]
    linked_at: Timestamp,
}

impl From<Elsewhere> for SignOnsBody {
    fn from(known: Elsewhere) -> Self {
        let Elsewhere { bindings, grants, identities, clients } = known;
        let name = |client: &ClientId| clients.get(client).cloned();
        let bound = |binding: sso::Binding| BoundBody {
            client_name: name(&binding.client),
            binding: binding.into(),
        };
        let grant = |grant: sso::GrantView| GrantBody {
            grant: grant.grant,
            client_name: name(&grant.client),
            client: grant.client,
            scope: grant.scope.to_string(),
            level: grant.level.number(),
            bound_to_key: grant.bound_to_key,
            made_at: grant.made_at,
            expires_at: grant.expires_at,
        };
        Self {
            bindings: bindings.into_iter().map(bound).collect(),
            grants: grants.into_iter().map(grant).collect(),
            identities: identities.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Identity> for IdentityBody {
    fn from(identity: Identity) -> Self {
        Self { issuer: identity.issuer, linked_at: identity.linked_at }
    }
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
    Ok(Json(site.sso.elsewhere(user, site.now()).await?.into()))
}
