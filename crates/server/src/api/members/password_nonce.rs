//! `POST /v1/users/{user}/password-nonce`: a one-time value for one envelope.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, Id};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::UserId;

/// A one-time value.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NonceBody {
    /// In hexadecimal.
    nonce: String,
}

/// Get a one-time value for one sealed password
#[utoipa::path(post, path = "/v1/users/{user}/password-nonce", tag = "users",
    operation_id = "password_nonce", security(("merchant" = [])),
    params(("user" = String, Path, description = "The user")),
    responses((status = OK, body = NonceBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    Id(user): Id<UserId>,
) -> Answer<NonceBody> {
    let nonce = site.members.password_nonce(user, site.now()).await?;
    Ok(Json(NonceBody { nonce: nonce.0 }))
}
