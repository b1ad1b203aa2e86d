//! Starting and stopping a simulator.

use crate::config::SimulatorConfig;
use crate::line::{Lines, Scissors};
use crate::till::Till;
use crate::{Error, http};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long open requests may take to end when a simulator is stopped.
const PATIENCE: Duration = Duration::from_millis(500);

/// A running simulator. Dropping it ends the service; [`ChannelSimulator::stop`] also seals its
/// log and says whether that worked.
pub struct ChannelSimulator {
    address: SocketAddr,
    till: Arc<Till>,
    stop: Option<oneshot::Sender<()>>,
    service: JoinHandle<()>,
}

impl ChannelSimulator {
    /// Opens the simulator's memory, listens, and serves on the caller's runtime.
    pub async fn start(config: SimulatorConfig) -> Result<Self, Error> {
        config.check()?;
        let address = config.listen;
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let till = Arc::new(Till::open(config)?);
        let router = http::router(Arc::clone(&till));
        let service = router.into_make_service_with_connect_info::<Scissors>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(Lines(listener), service).with_graceful_shutdown(async move {
            // A dropped handle stops the service as a wish to stop does.
            let _ = stopped.await;
        });
        let service = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "a simulator's service ended");
            }
        });
        Ok(Self { address, till, stop: Some(stop), service })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as a channel's configuration wants it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends the service and seals the log of trades.
    pub async fn stop(mut self) -> Result<(), Error> {
        if let Some(stop) = self.stop.take() {
            // The service may have ended by itself; then there is nobody to tell.
            let _ = stop.send(());
        }
        if tokio::time::timeout(PATIENCE, &mut self.service).await.is_err() {
            self.service.abort();
        }
        self.till.stop()
    }
}

impl std::fmt::Debug for ChannelSimulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelSimulator").field("address", &self.address).finish_non_exhaustive()
    }
}
