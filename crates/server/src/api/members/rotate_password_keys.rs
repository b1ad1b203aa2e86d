//! `POST /v1/admin/password-keys`: new keys for passwords to be sealed to.

use super::password_key::PasswordKeyBody;
use crate::api::Answer;
use crate::app::Site;
use crate::extract::Maker;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;

/// Put a new key in the place of each that is in use; the old ones open for a time of grace
#[utoipa::path(post, path = "/v1/admin/password-keys", tag = "operators",
    operation_id = "rotate_password_keys", security(("operator" = [])),
    responses((status = OK, body = [PasswordKeyBody]),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
) -> Answer<Vec<PasswordKeyBody>> {
    let keys = site.members.rotate_password_keys(operator.name(), site.now()).await?;
    Ok(Json(keys.into_iter().map(Into::into).collect()))
}
