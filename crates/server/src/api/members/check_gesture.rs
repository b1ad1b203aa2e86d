//! `POST /v1/users/{user}/gesture/check`: whether a gesture opens the app.

use super::EnvelopeBody;
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::Members;
use members::keypad::Envelope;
use serde::Deserialize;
use types::UserId;

/// The gesture.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckGestureBody {
    /// Bound to the order `app.open`, amount 0, payee empty.
    #[schema(value_type = EnvelopeBody)]
    envelope: Envelope,
}

/// Check the gesture password, to open the app
#[utoipa::path(post, path = "/v1/users/{user}/gesture/check", tag = "users",
    operation_id = "check_gesture", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = CheckGestureBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<CheckGestureBody>,
) -> Result<StatusCode, Refusal> {
    let binding = Members::open_app_binding();
    site.members.verify_gesture(user, &body.envelope, &binding, site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
