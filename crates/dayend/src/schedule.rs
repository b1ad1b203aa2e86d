//! The scheduler: takes what is due for as long as the house is served.

use crate::DayEnd;
use std::sync::Arc;
use std::time::Duration;
use types::Clock;

impl DayEnd {
    /// Takes what is due every so often until `stop` is ready; a step that was begun is finished
    /// first. Ends at once if the configuration leaves the steps to people.
    pub async fn run(
        &self,
        clock: Arc<dyn Clock>,
        every: Duration,
        stop: impl Future<Output = ()>,
    ) {
        if !self.config().automatic {
            return;
        }
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(every) => {}
            }
            if let Err(problem) = self.run_due(clock.now()).await {
                tracing::warn!(%problem, "a day's end does not go on; it will be tried again");
            }
        }
    }
}
