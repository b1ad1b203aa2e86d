//! What is outside of the house: the channels, the verification providers and the message channel
//! as real HTTP services.

use crate::book;
use channels::{ChannelConfig, ChannelKey, ChannelTerms};
use members::messages::{HttpMessenger, Messenger};
use members::verification::{HttpProvider, Provider, ProviderKey, ProviderTerms, Verifiers};
use simulators::{
    ChannelSimulator, Faults, SimulatorConfig, SimulatorKind, SmsConfig, SmsSimulator,
    VerifierConfig, VerifierSimulator,
};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tempfile::TempDir;
use types::Random;

const SEED: u64 = 7;
const CHANNEL_KEY: [u8; 32] = [7; 32];
const PROVIDER_KEY: [u8; 32] = [5; 32];

/// The services; dropping it ends them.
pub struct Town {
    channels: Vec<(String, ChannelSimulator)>,
    verifiers: Vec<VerifierSimulator>,
    sms: Option<SmsSimulator>,
    _folder: Option<TempDir>,
}

fn local() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn terms() -> Vec<ChannelTerms> {
    channels::parse(book!("channels.toml"), "channels.toml").expect("channels")
}

fn verifiers() -> Vec<ProviderTerms> {
    Verifiers::parse(book!("verifiers.toml"), "verifiers.toml").expect("verifiers").0
}

impl Town {
    /// Nobody listens: an order through a channel stays unknown, and nobody can be verified.
    pub fn empty() -> Self {
        Self { channels: Vec::new(), verifiers: Vec::new(), sms: None, _folder: None }
    }

    /// Services that answer at once and never fail; the providers believe the first claim.
    pub async fn busy() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut channels = Vec::new();
        for terms in terms() {
            let card = terms.code == "card";
            let config = SimulatorConfig {
                kind: if card { SimulatorKind::Card } else { SimulatorKind::Wallet },
                dir: folder.path().join(&terms.code),
                listen: local(),
                key: ChannelKey::new(CHANNEL_KEY),
                seed: SEED,
                cost: terms.cost,
                faults: Faults::default(),
                packed: false,
            };
            let channel = ChannelSimulator::start(config).await.expect("the channel starts");
            channels.push((terms.code, channel));
        }
        let mut desks = Vec::new();
        for terms in verifiers() {
            let key = ProviderKey::new(PROVIDER_KEY);
            let config = VerifierConfig::quick(terms, local(), key, SEED);
            desks.push(VerifierSimulator::start(config).await.expect("the provider starts"));
        }
        let config = SmsConfig { listen: local(), key: ProviderKey::new(PROVIDER_KEY) };
        let sms = Some(SmsSimulator::start(config).await.expect("the message channel starts"));
        Self { channels, verifiers: desks, sms, _folder: Some(folder) }
    }

    /// Every verification provider goes away, or comes back.
    pub fn providers_away(&self, away: bool) {
        for desk in &self.verifiers {
            desk.set_away(away);
        }
    }

    /// The message channel.
    pub fn sms(&self) -> &SmsSimulator {
        self.sms.as_ref().expect("a town that is not empty")
    }

    /// The message channel as the house asks it.
    pub fn messenger(&self, random: &Arc<dyn Random>) -> Option<Arc<dyn Messenger>> {
        let key = ProviderKey::new(PROVIDER_KEY);
        let sms = self.sms.as_ref()?;
        let messenger = HttpMessenger::new(&sms.url(), key, Arc::clone(random));
        Some(Arc::new(messenger.expect("a client")))
    }

    /// The channels as the house's configuration wants them.
    pub fn channels(&self) -> Vec<ChannelConfig> {
        let url = |code: &str| {
            let found = self.channels.iter().find(|(known, _)| known == code);
            found.map_or_else(|| "http://127.0.0.1:9".to_owned(), |(_, channel)| channel.url())
        };
        let config = |terms: ChannelTerms| ChannelConfig {
            url: url(&terms.code),
            terms,
            key: ChannelKey::new(CHANNEL_KEY),
        };
        terms().into_iter().map(config).collect()
    }

    /// The providers as the house asks them.
    pub fn providers(&self, random: &Arc<dyn Random>) -> Vec<Arc<dyn Provider>> {
        let provider = |(terms, desk): (ProviderTerms, &VerifierSimulator)| {
            let key = ProviderKey::new(PROVIDER_KEY);
            let provider = HttpProvider::new(terms, &desk.url(), key, Arc::clone(random));
            Arc::new(provider.expect("a client")) as Arc<dyn Provider>
        };
        verifiers().into_iter().zip(&self.verifiers).map(provider).collect()
    }
}
