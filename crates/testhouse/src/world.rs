//! What stays when the house is dropped: its folder, its clock, and the world outside.

use crate::{House, book};
use channels::{ChannelConfig, ChannelKey, ChannelTerms};
use members::verification::{HttpProvider, Provider, ProviderKey, Verifiers};
use simulators::{
    ChannelSimulator, Faults, SimulatorConfig, SimulatorKind, VerifierConfig, VerifierSimulator,
};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use testkit::SeededRandom;
use types::{ManualClock, Random};

const SEED: u64 = 7;
const KEY: [u8; 32] = [3; 32];

/// A folder, a clock moved by hand, channels and verifiers over HTTP.
pub struct World {
    dir: TempDir,
    /// The clock of house and world.
    pub clock: Arc<ManualClock>,
    pub(crate) random: Arc<dyn Random>,
    channels: Vec<(ChannelTerms, ChannelSimulator)>,
    verifiers: Vec<VerifierSimulator>,
    serial: AtomicU32,
}

fn local() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

impl World {
    /// A new world at this moment (RFC 3339), whose channels never fail.
    pub async fn new(at: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut channels = Vec::new();
        for terms in channels::parse(book!("channels.toml"), "channels.toml").expect("the book") {
            let wechat = terms.statement_format == "wechat-trade-bill";
            let simulator = ChannelSimulator::start(SimulatorConfig {
                kind: if wechat { SimulatorKind::Card } else { SimulatorKind::Wallet },
                dir: dir.path().join(&terms.code),
                listen: local(),
                key: ChannelKey::new(KEY),
                seed: SEED,
                cost: terms.cost,
                faults: Faults::default(),
                packed: false,
            });
            channels.push((terms, simulator.await.expect("the channel starts")));
        }
        let mut verifiers = Vec::new();
        for terms in Self::providers().0 {
            let config = VerifierConfig::quick(terms, local(), ProviderKey::new(KEY), SEED);
            verifiers.push(VerifierSimulator::start(config).await.expect("the verifier starts"));
        }
        Self {
            dir,
            clock: testkit::clock_at(at),
            random: Arc::new(SeededRandom::new(SEED)),
            channels,
            verifiers,
            serial: AtomicU32::new(0),
        }
    }

    /// Opens the house of the folder.
    pub async fn open(&self) -> House {
        House::open(self).await
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A number that was not given before.
    pub(crate) fn serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }

    fn providers() -> Verifiers {
        Verifiers::parse(book!("verifiers.toml"), "verifiers.toml").expect("the book")
    }

    pub(crate) fn channel_configs(&self) -> Vec<ChannelConfig> {
        let config = |(terms, simulator): &(ChannelTerms, ChannelSimulator)| ChannelConfig {
            terms: terms.clone(),
            url: simulator.url(),
            key: ChannelKey::new(KEY),
        };
        self.channels.iter().map(config).collect()
    }

    pub(crate) fn verifying(&self) -> Vec<Arc<dyn Provider>> {
        let pairs = Self::providers().0.into_iter().zip(&self.verifiers);
        pairs
            .map(|(terms, verifier)| {
                let (url, random) = (verifier.url(), Arc::clone(&self.random));
                let provider = HttpProvider::new(terms, &url, ProviderKey::new(KEY), random);
                Arc::new(provider.expect("a provider")) as Arc<dyn Provider>
            })
            .collect()
    }
}
