//! `DELETE /v1/admin/clients/{client}`: puts a client out of use.

use crate::app::Site;
use crate::extract::{Id, Maker};
use crate::problem::{ProblemBody, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use types::ClientId;

/// Put a client out of use; every grant it has ends
#[utoipa::path(delete, path = "/v1/admin/clients/{client}", tag = "operators",
    operation_id = "disable_client", security(("operator" = [])),
    params(("client" = String, Path, description = "The client")),
    responses((status = NO_CONTENT),
        (status = NOT_FOUND, body = ProblemBody, content_type = "application/problem+json",
            description = "`client_not_found`"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn handler(
    Maker(operator): Maker,
    State(site): State<Site>,
    Id(client): Id<ClientId>,
) -> Result<StatusCode, Refusal> {
    site.sso.desk().disable_client(client, operator.name(), site.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
