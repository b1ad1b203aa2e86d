//! `POST /v1/users/{user}/gesture/remove`: removes the gesture password.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// The payment password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveGestureBody {
    /// Bound to the order `gesture.remove`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Remove the gesture password
#[utoipa::path(post, path = "/v1/users/{user}/gesture/remove", tag = "users",
    operation_id = "remove_gesture", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = RemoveGestureBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<RemoveGestureBody>,
) -> Result<StatusCode, Refusal> {
    site.members.remove_gesture(user, &body.envelope, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
