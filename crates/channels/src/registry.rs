//! Which channels there are, whether each is on line, and how each is doing.

use crate::breaker::Breaker;
use crate::health::{Outcome, Window};
use crate::{Channel, ChannelConfig, ChannelTerms, Circuit, Error, Health, Kind, routing};
use money::Amount;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use types::{Clock, Random};

/// Every registered channel. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Channels(Arc<[Channel]>);

/// One channel as the console and the API show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelView {
    /// What was agreed with it.
    pub terms: ChannelTerms,
    /// Where it listens.
    pub url: String,
    /// Whether people let it take new orders.
    pub on_line: bool,
    /// Whether its recent failures let it take new orders.
    pub circuit: Circuit,
    /// Its last five minutes.
    pub health: Health,
}

impl Channels {
    /// Registers these channels. Refuses two of one id or code, and addresses that are none.
    /// Clock and chance go into the requests' signed headers.
    pub fn open(
        configs: Vec<ChannelConfig>,
        clock: &Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Result<Self, Error> {
        let mut channels: Vec<Channel> = Vec::with_capacity(configs.len());
        for config in configs {
            let terms = &config.terms;
            if channels.iter().any(|c| c.terms().id == terms.id || c.code() == terms.code) {
                return Err(Error::Configuration {
                    code: terms.code.clone(),
                    reason: "another channel has its id or its code".to_owned(),
                });
            }
            channels.push(Channel::new(config, Arc::clone(clock), Arc::clone(random))?);
        }
        Ok(Self(channels.into()))
    }

    /// Every channel with its state, in the order of registration.
    pub fn list(&self) -> Vec<ChannelView> {
        self.0.iter().map(Channel::view).collect()
    }

    /// The channel of this code, on line or not: for orders that already went to it.
    pub fn get(&self, code: &str) -> Result<Channel, Error> {
        self.0
            .iter()
            .find(|c| c.code() == code)
            .cloned()
            .ok_or_else(|| Error::UnknownChannel(code.chars().take(40).collect()))
    }

    /// Takes a channel on or off line; the next order already sees it.
    pub fn set_on_line(&self, code: &str, on_line: bool) -> Result<(), Error> {
        self.get(code)?.gauge().on_line.store(on_line, Ordering::SeqCst);
        Ok(())
    }

    /// The channel a payer named, if it may take this **new** order now. Never ask this about an
    /// order that was already sent: use [`Channels::get`].
    pub fn choose(
        &self,
        code: &str,
        kind: Kind,
        amount: Amount,
        instrument: Option<&str>,
    ) -> Result<Channel, Error> {
        let channel = self.get(code)?;
        routing::fits(&channel, kind, amount, instrument)?;
        routing::admitted(channel)
    }

    /// The best channel for a **new** order: of those that may take it, the cheapest; at the same
    /// cost the one that answers more often; then the lower id.
    pub fn route(
        &self,
        kind: Kind,
        amount: Amount,
        instrument: Option<&str>,
    ) -> Result<Channel, Error> {
        routing::ranked(&self.0, kind, amount, instrument)
            .into_iter()
            .find_map(|channel| routing::admitted(channel).ok())
            .ok_or(Error::NoChannel { kind, amount })
    }
}

/// The moving parts of one channel.
#[derive(Debug)]
pub(crate) struct Gauge {
    opened: Instant,
    on_line: AtomicBool,
    meter: Mutex<Meter>,
}

#[derive(Debug)]
struct Meter {
    window: Window,
    breaker: Breaker,
}

impl Gauge {
    pub(crate) fn new(on_line: bool) -> Self {
        Self {
            opened: Instant::now(),
            on_line: AtomicBool::new(on_line),
            meter: Mutex::new(Meter { window: Window::new(), breaker: Breaker::default() }),
        }
    }

    pub(crate) fn on_line(&self) -> bool {
        self.on_line.load(Ordering::SeqCst)
    }

    /// Learns how one call ended.
    pub(crate) fn learn(&self, outcome: Outcome, latency: Duration) {
        let second = self.opened.elapsed().as_secs();
        self.with(|meter| {
            meter.window.count(second, outcome, latency);
            meter.breaker.learn(second, outcome, meter.window.recent(second));
        });
    }

    /// Whether the circuit lets a new order through.
    pub(crate) fn admit(&self) -> bool {
        let second = self.opened.elapsed().as_secs();
        self.with(|meter| meter.breaker.admit(second))
    }

    /// The circuit and the last minutes.
    pub(crate) fn read(&self) -> (Circuit, Health) {
        let second = self.opened.elapsed().as_secs();
        self.with(|meter| (meter.breaker.circuit(), meter.window.health(second)))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Meter) -> T) -> T {
        // Counters stay usable whatever panicked beside them.
        f(&mut self.meter.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
