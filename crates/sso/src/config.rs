//! What an installation decides about signing in.

use serde::Deserialize;

/// The room's part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The address under which browsers and clients reach this server, without a slash at the end:
    /// the issuer. Default: `http://` and the address it listens on, for trials on one machine.
    pub issuer: Option<String>,
    /// How long a code is good for, seconds. Default: 60.
    pub code_seconds: u32,
    /// How long an access token is good for, seconds. Default: 300.
    pub access_seconds: u32,
    /// How long a client can go on refreshing without the user, days. Default: 30.
    pub refresh_days: u32,
    /// How long somebody stays signed in, seconds. Default: 1800.
    pub session_seconds: u32,
    /// After how many days another key signs. Default: 90.
    pub key_days: u32,
    /// Whether outside providers may be on this machine or in its networks, and speak http there.
    /// Default: false.
    pub internal_providers: bool,
    /// Outside providers by which users may sign in.
    pub provider: Vec<ProviderConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: None,
            code_seconds: 60,
            access_seconds: 300,
            refresh_days: 30,
            session_seconds: 1_800,
            key_days: 90,
            internal_providers: false,
            provider: Vec::new(),
        }
    }
}

/// An outside `OpenID` provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Names it in addresses: `a-z 0-9 -`.
    pub code: String,
    /// How users know it.
    pub name: types::Text,
    /// Its issuer, exactly as it writes it itself.
    pub issuer: String,
    /// As what we are registered there.
    pub client_id: String,
    /// The file that holds our secret there; without one we are a public client.
    #[serde(default)]
    pub secret_file: Option<std::path::PathBuf>,
}
