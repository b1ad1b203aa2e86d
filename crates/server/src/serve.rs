//! The whole router, and answering on a socket.

use crate::app::{App, Site};
use crate::{api, console, shell};
use axum::Router;
use tokio::net::TcpListener;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// API, its description with a try-it page that needs no other network, and console.
pub fn router(app: App) -> Router {
    let random = app.random.clone();
    let site = Site::new(app);
    let (endpoints, openapi) = api::router().split_for_parts();
    let try_it = SwaggerUi::new("/docs")
        .url("/openapi.json", openapi)
        .config(Config::new(["/openapi.json"]).validator_url("none"));
    let routes = Router::new()
        .merge(endpoints)
        .merge(console::router(site.clone()))
        .fallback(console::not_found)
        .with_state(site);
    shell::around(routes.merge(try_it), random)
}

/// Serves until `shutdown` is ready, then finishes the requests under way.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(app)).with_graceful_shutdown(shutdown).await
}
