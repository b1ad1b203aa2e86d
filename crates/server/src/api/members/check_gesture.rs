//! `POST /v1/users/{user}/gesture/check`: whether a gesture opens the app.

use super::{SealedBody, done};
use crate::app::Site;
use crate::extract::{Caller, Id, StrictJson};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use members::Members;
use types::UserId;

/// Check the gesture password, to open the app
///
/// The gesture is bound to the order `app.open`, amount 0, payee empty.
#[utoipa::path(post, path = "/v1/users/{user}/gesture/check", tag = "users",
    operation_id = "check_gesture", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")), request_body = SealedBody,
    responses((status = NO_CONTENT),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
    StrictJson(body): StrictJson<SealedBody>,
) -> Result<StatusCode, Refusal> {
    let binding = Members::open_app_binding();
    done(site.members.verify_gesture(user, &body.envelope, &binding, site.now()).await)
}
