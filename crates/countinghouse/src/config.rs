//! The configuration: one TOML file, every key with one default, checked strictly.
//!
//! Order of precedence: command line, environment (`COUNTINGHOUSE_*`), file, default.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything an installation decides. What an institution decides is in `books/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the API and the console listen. Default: 127.0.0.1:8787.
    pub listen: SocketAddr,
    /// The folder of `books/`. Default: what is built into the binary.
    pub books: Option<PathBuf>,
    /// How much one client may ask of the API, and how often it may try to sign in.
    pub limits: server::Limits,
    /// About orders.
    pub payments: payments::Config,
    /// Where results of orders may be told.
    pub webhooks: payments::webhooks::Config,
    /// About customers, users and their credentials.
    pub members: members::MembersConfig,
    /// About the end of a day: when its steps are taken.
    pub day_end: dayend::Config,
    /// Real channels and verifiers. A simulated institution has simulators instead.
    pub channel: Vec<Outside>,
    /// Real verification providers.
    pub verifier: Vec<Outside>,
    /// The message channel that carries one-time codes (docs/reference/message-contract.md).
    /// Default: none, and no code is sent.
    pub messages: Option<Messages>,
}

/// The address and key of the message channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// Its base URL.
    pub url: String,
    /// The file that holds the key we share, 64 hexadecimal digits.
    pub key_file: PathBuf,
}

/// The address and key of an outside party whose terms are in `books/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Its code in `books/`.
    pub code: String,
    /// Its base URL.
    pub url: String,
    /// The file that holds the key we share, 64 hexadecimal digits.
    pub key_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            books: None,
            limits: server::Limits::default(),
            payments: payments::Config::default(),
            webhooks: payments::webhooks::Config::default(),
            members: members::MembersConfig::default(),
            day_end: dayend::Config::default(),
            channel: Vec::new(),
            verifier: Vec::new(),
            messages: None,
        }
    }
}

impl Config {
    /// Reads a file; the defaults if none is named.
    ///
    /// # Errors
    /// The line and key at fault.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        toml::from_str(&text).with_context(|| file.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default_and_unknown_keys_are_refused() {
        assert_eq!(toml::from_str::<Config>("").expect("valid"), Config::default());
        assert!(!Config::default().webhooks.internal_targets);
        for (text, named) in [
            ("listn = \"127.0.0.1:1\"", "listn"),
            ("listen = \"nowhere\"", "socket address"),
            ("[payments]\nmax = 3", "max"),
            ("[webhooks]\ninternal = true", "internal"),
            ("[limits]\napi = { per_minute = 0, burst = 1 }", "nonzero"),
            ("[limits]\nsign_in = { per_minute = 1 }", "burst"),
            ("[day_end]\ncut = \"24:00\"", "24:00"),
        ] {
            let error = toml::from_str::<Config>(text).expect_err(text).to_string();
            assert!(error.contains(named), "{error} does not name {named}");
        }
    }
}
