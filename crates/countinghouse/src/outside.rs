//! The outside world: real parties by configuration, or simulators started here.

use crate::books::Books;
use crate::chance::SystemRandom;
use crate::charter::{Folder, Simulated};
use crate::config::{self, Config};
use anyhow::{Context as _, Result, bail};
use channels::{ChannelConfig, ChannelKey, ChannelTerms};
use members::messages::{HttpMessenger, Messenger};
use members::verification::{HttpProvider, Provider, ProviderKey, ProviderTerms};
use records::Secrets;
use simulators::{
    ChannelSimulator, Faults, SimulatorConfig, SimulatorKind, SmsConfig, SmsSimulator,
    VerifierConfig, VerifierSimulator,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Where the channels and verifiers are.
#[derive(Default)]
pub struct Outside {
    /// The channels.
    pub channels: Vec<ChannelConfig>,
    /// The verification providers.
    pub providers: Vec<Arc<dyn Provider>>,
    /// The message channel, if there is one.
    pub messenger: Option<Arc<dyn Messenger>>,
}

/// Running simulators. Dropping them ends their services.
#[derive(Default)]
pub struct Simulators {
    channels: Vec<ChannelSimulator>,
    verifiers: Vec<VerifierSimulator>,
    messages: Option<SmsSimulator>,
}

/// How long a channel of the simulated world is waited for. Its faults hold answers longer.
const PATIENCE: Duration = Duration::from_millis(400);
const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// What goes wrong in the simulated world: about one order in a hundred meets something.
const FAULTS: Faults = Faults {
    decline_ppm: 8_000,
    delayed_ppm: 4_000,
    held_ppm: 800,
    cut_ppm: 2_500,
    processing_ppm: 4_000,
    server_error_ppm: 1_500,
    delay: Duration::from_millis(60),
    hold: Duration::from_millis(900),
};

impl Outside {
    /// The real world, as configured: every party in `books/` needs its address and key.
    ///
    /// # Errors
    /// The party that has none, or a key file at fault.
    pub fn configured(books: &Books, config: &Config) -> Result<Self> {
        let channels = books
            .channels
            .iter()
            .map(|terms| {
                let (url, key) = party(&terms.code, &config.channel)?;
                let key = ChannelKey::from_hex(&key).with_context(|| {
                    format!("channel '{}': the key is no 64 digits", terms.code)
                })?;
                Ok(ChannelConfig { terms: terms.clone(), url, key })
            })
            .collect::<Result<_>>()?;
        let providers = books
            .verifiers
            .0
            .iter()
            .map(|terms| {
                let (url, key) = party(&terms.code, &config.verifier)?;
                let key = ProviderKey::from_hex(&key).with_context(|| {
                    format!("verifier '{}': the key is no 64 digits", terms.code)
                })?;
                provider(terms.clone(), &url, key)
            })
            .collect::<Result<_>>()?;
        let messenger = match &config.messages {
            Some(messages) => {
                let key = key_of(&messages.key_file)?;
                let key =
                    ProviderKey::from_hex(&key).context("messages: the key is no 64 digits")?;
                Some(messenger(&messages.url, key)?)
            }
            None => None,
        };
        Ok(Self { channels, providers, messenger })
    }

    /// A simulated world: a service of its own on a free port for each party, with the memory it
    /// had when it last ran.
    ///
    /// # Errors
    /// A simulator that does not start.
    pub async fn simulated(
        books: &Books,
        folder: &Folder,
        world: &Simulated,
        secrets: &Secrets,
    ) -> Result<(Self, Simulators)> {
        let mut outside = Self::default();
        let mut simulators = Simulators::default();
        for terms in &books.channels {
            let key = hex_key(secrets, "channel", &terms.code);
            let key = ChannelKey::from_hex(&key).context("a derived key has 64 digits")?;
            let config = channel_simulator(terms, folder, world, key.clone())?;
            let simulator = ChannelSimulator::start(config).await?;
            let terms = ChannelTerms { timeout: PATIENCE, ..terms.clone() };
            outside.channels.push(ChannelConfig { terms, url: simulator.url(), key });
            simulators.channels.push(simulator);
        }
        for terms in &books.verifiers.0 {
            let key = hex_key(secrets, "verifier", &terms.code);
            let key = ProviderKey::from_hex(&key).context("a derived key has 64 digits")?;
            let config = VerifierConfig::quick(terms.clone(), ANY_PORT, key.clone(), world.seed);
            let simulator = VerifierSimulator::start(config).await?;
            outside.providers.push(provider(terms.clone(), &simulator.url(), key)?);
            simulators.verifiers.push(simulator);
        }
        let key = hex_key(secrets, "messages", "");
        let key = ProviderKey::from_hex(&key).context("a derived key has 64 digits")?;
        let simulator =
            SmsSimulator::start(SmsConfig { listen: ANY_PORT, key: key.clone() }).await?;
        outside.messenger = Some(messenger(&simulator.url(), key)?);
        simulators.messages = Some(simulator);
        Ok((outside, simulators))
    }
}

impl Simulators {
    /// The code of the last message to this phone.
    pub fn message_to(&self, phone: &str) -> Option<String> {
        self.messages.as_ref()?.last(phone)
    }

    /// Ends the services and seals their memory.
    ///
    /// # Errors
    /// A memory that cannot be sealed.
    pub async fn stop(self) -> Result<()> {
        for simulator in self.channels {
            simulator.stop().await?;
        }
        for simulator in self.verifiers {
            simulator.stop().await;
        }
        if let Some(simulator) = self.messages {
            simulator.stop().await;
        }
        Ok(())
    }
}

fn channel_simulator(
    terms: &ChannelTerms,
    folder: &Folder,
    world: &Simulated,
    key: ChannelKey,
) -> Result<SimulatorConfig> {
    let kind = match terms.statement_format.as_str() {
        "wechat-trade-bill" => SimulatorKind::Card,
        "alipay-business-detail" => SimulatorKind::Wallet,
        other => bail!("channel '{}': no simulator writes '{other}'", terms.code),
    };
    Ok(SimulatorConfig {
        kind,
        dir: folder.simulator(&terms.code),
        listen: ANY_PORT,
        key,
        seed: world.seed.wrapping_add(u64::from(terms.id)),
        cost: terms.cost,
        faults: FAULTS,
        packed: kind == SimulatorKind::Wallet,
    })
}

fn provider(terms: ProviderTerms, url: &str, key: ProviderKey) -> Result<Arc<dyn Provider>> {
    let code = terms.code.clone();
    let made = HttpProvider::new(terms, url, key, Arc::new(SystemRandom));
    match made {
        Ok(provider) => Ok(Arc::new(provider)),
        Err(reason) => bail!("verifier '{code}': {reason}"),
    }
}

fn messenger(url: &str, key: ProviderKey) -> Result<Arc<dyn Messenger>> {
    match HttpMessenger::new(url, key, Arc::new(SystemRandom)) {
        Ok(messenger) => Ok(Arc::new(messenger)),
        Err(reason) => bail!("messages: {reason}"),
    }
}

fn hex_key(secrets: &Secrets, purpose: &str, holder: &str) -> String {
    let key = secrets.derive_key(purpose, holder.as_bytes());
    hex::encode(key.as_slice())
}

fn party(code: &str, parties: &[config::Outside]) -> Result<(String, String)> {
    let party = parties.iter().find(|party| party.code == code).with_context(|| {
        format!("'{code}' is in books/ but has no address in the configuration")
    })?;
    Ok((party.url.clone(), key_of(&party.key_file)?))
}

fn key_of(file: &Path) -> Result<String> {
    let key = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(key.trim().to_owned())
}
