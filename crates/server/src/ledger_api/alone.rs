//! The ledger served alone: the same endpoints as an institution's, and nothing beside them.

use super::LedgerDesk;
use crate::api::{self, route_not_found};
use crate::problem::Refusal;
use crate::shell;
use axum::Router;
use std::sync::Arc;
use tokio::net::TcpListener;
use types::Random;
use utoipa_axum::router::OpenApiRouter;

fn described() -> OpenApiRouter<LedgerDesk> {
    OpenApiRouter::with_openapi(api::description()).merge(super::router()).merge(api::liveness())
}

/// The ledger's endpoints with their description at `/openapi.json`.
pub fn ledger_router(desk: LedgerDesk, random: Arc<dyn Random>) -> Router {
    let (endpoints, openapi) = described().split_for_parts();
    let document = axum::Json(openapi);
    let routes = endpoints
        .route("/openapi.json", axum::routing::get(async || document))
        .fallback(async || Refusal::from(route_not_found()));
    shell::around(routes.with_state(desk), random)
}

/// The `OpenAPI` document of the ledger alone.
pub fn ledger_openapi() -> utoipa::openapi::OpenApi {
    described().split_for_parts().1
}

/// Serves a ledger alone until `shutdown` is ready, then finishes the requests under way.
///
/// # Errors
/// The listener failed.
pub async fn serve_ledger(
    listener: TcpListener,
    desk: LedgerDesk,
    random: Arc<dyn Random>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, ledger_router(desk, random)).with_graceful_shutdown(shutdown).await
}
