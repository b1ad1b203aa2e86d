//! `PUT /v1/users/{user}/gesture`: sets the gesture password.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// Both sealed, each with a one-time value of its own, bound to the order `gesture.set`, amount 0, payee empty.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GestureBody {
    /// The payment password.
    #[schema(value_type = EnvelopeBody)]
    password: Envelope,
    /// The path over a grid of three by three, as the digits of its points (1 to 9 by rows).
    #[schema(value_type = EnvelopeBody)]
    gesture: Envelope,
}

/// Set the gesture password, under the payment password
#[utoipa::path(put, path = "/v1/users/{user}/gesture", tag = "users",
    operation_id = "set_gesture", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = GestureBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<GestureBody>,
) -> Result<StatusCode, Refusal> {
    site.members.set_gesture(user, &body.password, &body.gesture, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
