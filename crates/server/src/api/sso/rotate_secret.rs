//! `POST /v1/admin/clients/{client}/secret`: gives a client another secret.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Id, Maker};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use types::ClientId;

/// The new secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SecretBody {
    /// Shown this once.
    client_secret: String,
}

/// Give a client another secret; the old one is refused from now on
#[utoipa::path(post, path = "/v1/admin/clients/{client}/secret", tag = "operators",
    operation_id = "rotate_client_secret", security(("operator" = [])),
    params(("client" = String, Path, description = "The client")),
    responses((status = OK, body = SecretBody),
        (status = NOT_FOUND, body = ProblemBody, content_type = "application/problem+json",
            description = "`client_not_found`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(client): Id<ClientId>,
) -> Answer<SecretBody> {
    let secret = site.sso.desk().rotate_secret(client, operator.name(), site.now()).await?;
    // Exposed to the one it is made for.
    Ok(Json(SecretBody { client_secret: secret.expose().to_owned() }))
}
