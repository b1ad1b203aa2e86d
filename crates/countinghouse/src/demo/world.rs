//! While a simulated institution is served, its channels end their days by themselves, as real ones
//! do: a simulator has no clock of its own and must be told.

use super::Stage;
use channels::contract::CloseDay;
use channels::{Channels, Differences};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use types::{BusinessDate, Clock as _};

/// How often the simulated calendar is looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Stage {
    /// Ends, truthfully, each channel's day once its date is over and its statement is waited for;
    /// until it is aborted.
    pub fn keep_channels_days(&self) -> JoinHandle<()> {
        let (rooms, clock) = (self.institution.clone(), Arc::clone(&self.clock));
        tokio::spawn(async move {
            let mut ended = BTreeSet::new();
            loop {
                tokio::time::sleep(LOOK).await;
                let waiting = match rooms.day_end.unfinished().await {
                    Ok(dates) => dates,
                    Err(problem) => {
                        tracing::warn!(%problem, "the simulated channels' days stay open");
                        continue;
                    }
                };
                let today = clock.now().date();
                for date in waiting.into_iter().filter(|date| *date < today) {
                    if !ended.contains(&date) && end(&rooms.channels, date).await {
                        ended.insert(date);
                    }
                }
            }
        })
    }
}

/// Whether every channel has ended this day.
async fn end(channels: &Channels, date: BusinessDate) -> bool {
    let mut all = true;
    for view in channels.list() {
        let Ok(channel) = channels.get(&view.terms.code) else { continue };
        let close = CloseDay { date, differences: Differences::default() };
        match channel.close_day(&close).await {
            // Refused: it was ended with differences planted, and stays so.
            Ok(_) | Err(channels::Error::Refused { .. }) => {}
            Err(error) => {
                tracing::warn!(%error, %date, "a simulated channel's day stays open");
                all = false;
            }
        }
    }
    all
}
