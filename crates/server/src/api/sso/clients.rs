//! `GET /v1/admin/clients`: every client.

use crate::api::Answer;
use crate::app::Site;
use crate::extract::Operator;
use crate::problem::ProblemBody;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use sso::Client;

/// Clients, oldest first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClientsBody {
    /// Each as it was registered, with `id`, `made_at`, `disabled_at`; no secret.
    #[schema(value_type = Vec<serde_json::Value>)]
    clients: Vec<Client>,
}

/// List the clients of the authorisation centre
#[utoipa::path(get, path = "/v1/admin/clients", tag = "operators", operation_id = "list_clients",
    security(("operator" = [])),
    responses((status = OK, body = ClientsBody),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(_: Operator, State(site): State<Site>) -> Answer<ClientsBody> {
    Ok(Json(ClientsBody { clients: site.sso.desk().clients().await? }))
}
