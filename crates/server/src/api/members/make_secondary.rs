//! `PUT /v1/users/{user}/primary`: makes a user a secondary of another of its customer.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// Whose, and on its word.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeSecondaryBody {
    /// Whose payment password may open the user's orders from now on.
    #[schema(value_type = String)]
    primary: UserId,
    /// The primary's payment password, bound to the order `member.secondary`, amount 0, and the
    /// user as payee.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Make a user a secondary of another user of its customer, on the primary's payment password
#[utoipa::path(put, path = "/v1/users/{user}/primary", tag = "users",
    operation_id = "make_secondary", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user that becomes secondary")),
    request_body = MakeSecondaryBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(MakeSecondaryBody { primary, envelope }): StrictJson<MakeSecondaryBody>,
) -> Result<StatusCode, Refusal> {
    site.members.make_secondary(user, primary, &envelope, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
