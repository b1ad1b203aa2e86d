//! `POST /v1/admin/clients`: registers a business system or an app.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::{Maker, StrictJson};
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sso::NewClient;

/// The client's credentials.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClientCredentialsBody {
    /// The client.
    #[schema(example = "cli_01jb2k3m4n5p6q7r8s9t0v1w2x")]
    client_id: String,
    /// Its secret, shown this once; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// Register a client of the authorisation centre
///
/// The body is described in docs/reference/sso.md: `name` (en, zh), `grade` 1 to 9, `proving`,
/// `redirect_uris`, `scopes`, `password_free`, `require_par`, `require_dpop`.
#[utoipa::path(post, path = "/v1/admin/clients", tag = "operators", operation_id = "add_client",
    security(("operator" = [])), request_body = serde_json::Value,
    responses((status = OK, body = ClientCredentialsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json",
            description = "`client_invalid`, `redirect_uri_invalid`, `merchant_not_found`")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    StrictJson(body): StrictJson<NewClient>,
) -> Answer<ClientCredentialsBody> {
    let made = site.sso.add_client(body, operator.name(), site.now()).await?;
    // Exposed to the one it is made for.
    let client_secret = made.secret.map(|secret| secret.expose().to_owned());
    Ok(Json(ClientCredentialsBody { client_id: made.client.to_string(), client_secret }))
}
