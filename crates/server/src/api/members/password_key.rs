//! `GET /v1/password-key`: the key that payment passwords are sealed to.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::Caller;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

/// A public key.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordKeyBody {
    /// Names the key; it comes back in the envelope.
    key_id: String,
    /// The cipher suite, as RFC 9180 names it.
    suite: String,
    /// X25519 public key, base64url without padding.
    public_key: String,
}

/// The key that payment passwords are sealed to
#[utoipa::path(get, path = "/v1/password-key", tag = "users", operation_id = "password_key",
    security(("merchant" = [])),
    responses((status = OK, body = PasswordKeyBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(_: Caller, State(site): State<Site>) -> Answer<PasswordKeyBody> {
    let key = site.members.password_public_key();
    let (key_id, suite, public_key) = (key.key_id, key.suite, key.public_key);
    Ok(Json(PasswordKeyBody { key_id, suite, public_key }))
}
