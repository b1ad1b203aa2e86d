//! The whole router, and answering on a socket.

use crate::app::{App, Site};
use crate::{api, console, limits, shell, sso};
use axum::{Router, middleware};
use std::net::SocketAddr;
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
        .merge(sso::router())
        .merge(console::sso_router(site.clone()))
        .route_layer(middleware::from_fn_with_state(site.clone(), limits::of_api))
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
    // Who the peer is, for the limits.
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}
