//! `POST /v1/admin/signing-keys`: lets another key sign.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::Maker;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;

/// The key that signs from now on.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SigningKeyBody {
    /// Its name in the key set.
    kid: String,
}

/// Let another key sign tokens; the old one verifies until its last token has ended
#[utoipa::path(post, path = "/v1/admin/signing-keys", tag = "operators",
    operation_id = "rotate_signing_keys", security(("operator" = [])),
    responses((status = OK, body = SigningKeyBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(Maker(operator): Maker, State(site): State<Site>) -> Answer<SigningKeyBody> {
    let kid = site.sso.rotate_keys(operator.name(), site.now()).await?;
    Ok(Json(SigningKeyBody { kid }))
}
