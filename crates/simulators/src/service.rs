//! A small HTTP service on a port of its own, ended with its handle.

use crate::Error;
use axum::Router;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long open requests may take to end.
const PATIENCE: Duration = Duration::from_millis(500);

/// A running service.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Service {
    /// Listens (port 0 takes a free one), and serves on the caller's runtime.
    ///
    /// # Errors
    /// [`Error::Listen`] if the port cannot be had.
    pub(crate) async fn start(address: SocketAddr, router: Router) -> Result<Self, Error> {
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            // A dropped handle stops the service as a wish to stop does.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "a simulator's service ended");
            }
        });
        Ok(Self { address, stop: Some(stop), task })
    }

    /// The address as a configuration wants it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends the service.
    pub(crate) async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The service may have ended by itself; then there is nobody to tell.
            let _ = stop.send(());
        }
        if tokio::time::timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
