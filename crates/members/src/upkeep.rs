//! What the room does by itself, from time to time: lifts freezes whose time has run out, suspends
//! accounts that nobody uses, rotates the keys that passwords are sealed to.

use crate::members::Members;
use std::sync::Arc;
use std::time::Duration;
use types::{Clock, Timestamp};

/// Seconds between two looks for unused accounts: what they wait for is months.
const DORMANCY_SECONDS: i64 = 60;

impl Members {
    /// Looks after the room every so often until `stop` is ready. What fails is told to the log,
    /// and tried again the next time.
    pub async fn run_upkeep(
        &self,
        clock: Arc<dyn Clock>,
        every: Duration,
        stop: impl Future<Output = ()>,
    ) {
        tokio::pin!(stop);
        let mut unused_at: Option<Timestamp> = None;
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(every) => {}
            }
            let now = clock.now();
            if let Err(error) = self.end_run_out(now).await {
                tracing::warn!(%error, "freezes that ran out are not lifted yet");
            }
            if let Err(error) = self.keep_password_keys(now).await {
                tracing::warn!(%error, "the key pad's keys are not looked after now");
            }
            if unused_at.is_none_or(|next| now >= next) {
                unused_at = Some(now.plus_seconds(DORMANCY_SECONDS));
                if let Err(error) = self.suspend_dormant(now).await {
                    tracing::warn!(%error, "unused accounts are not suspended yet");
                }
            }
        }
    }
}
