//! `PUT /v1/admin/users/{user}/organisation`: lets a user act for an organisation.

use crate::app::Site;
use crate::extract::{Id, Maker, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use types::{CustomerId, UserId};

/// For whom, and on what.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthoriseBody {
    /// The organisation.
    #[schema(value_type = String)]
    customer: CustomerId,
    /// Number of the document that authorises the user; the operator has looked at it.
    #[schema(example = "授权〔2026〕1号")]
    document: String,
}

/// Let a user act for an organisation, on the number of a document; sent again it renews that
#[utoipa::path(put, path = "/v1/admin/users/{user}/organisation", tag = "operators",
    operation_id = "authorise_user", security(("operator" = [])),
    params(("user" = String, Path, description = "The user")), request_body = AuthoriseBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(AuthoriseBody { customer, document }): StrictJson<AuthoriseBody>,
) -> Result<StatusCode, Refusal> {
    site.members.authorise_user(user, customer, &document, operator.name(), site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
