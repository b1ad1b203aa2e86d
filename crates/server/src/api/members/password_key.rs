//! `GET /v1/password-key`: the key that payment passwords are sealed to.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Caller, StrictQuery};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use members::keypad::{PublicKeyInfo, Suite};
use serde::{Deserialize, Serialize};

/// Which key.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PasswordKeyQuery {
    /// The suite to seal by; the preferred one if absent.
    suite: Option<String>,
}

/// A public key.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordKeyBody {
    /// Names the key; it comes back in the envelope.
    key_id: String,
    /// The suite it is for: `hpke`, `rsa-oaep-256`, `sm2`.
    suite: String,
    /// base64url without padding: X25519 (32 bytes), an X.509 `SubjectPublicKeyInfo` of RSA in
    /// DER, or SM2's uncompressed point.
    public_key: String,
    /// Every suite that may be asked for, the preferred one first.
    offered: Vec<String>,
}

impl From<PublicKeyInfo> for PasswordKeyBody {
    fn from(key: PublicKeyInfo) -> Self {
        let offered = Suite::OFFERED.iter().map(ToString::to_string).collect();
        Self { key_id: key.key_id, suite: key.suite, public_key: key.public_key, offered }
    }
}

/// The key that payment passwords are sealed to
#[utoipa::path(get, path = "/v1/password-key", tag = "users", operation_id = "password_key",
    security(("merchant" = [])), params(PasswordKeyQuery),
    responses((status = OK, body = PasswordKeyBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    _: Caller,
    State(site): State<Site>,
    StrictQuery(query): StrictQuery<PasswordKeyQuery>,
) -> Answer<PasswordKeyBody> {
    let key = match query.suite {
        None => site.members.password_public_key(),
        Some(suite) => site.members.password_key(&suite, site.now()).await?,
    };
    Ok(Json(key.into()))
}
