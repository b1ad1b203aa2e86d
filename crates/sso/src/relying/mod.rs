//! Federated sign-in: the house as relying party of outside `OpenID` providers.
//!
//! Code flow with PKCE, `state` and `nonce`; the state belongs to one browser and works once. What
//! a provider says decides only who of *its* users this is: an identity that is not known here leads
//! to a user by the phone, proved by a one-time code, never by an address or number that the
//! provider names.

mod discovery;
mod fetch;
mod flow;
mod id_token;

pub use discovery::Provider;
pub use flow::{Identity, Returned};

use crate::config::{Config, ProviderConfig};
use crate::error::Error;
use discovery::Known;
use fetch::Fetcher;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use types::{Problem, ProblemKind, Timestamp};

/// The path that providers send browsers back to.
pub const CALLBACK: &str = "/federation/callback";

/// Every provider, and what is known of it.
pub(crate) struct Relying {
    pub(crate) callback: String,
    pub(crate) fetcher: Fetcher,
    providers: BTreeMap<String, Provider>,
    known: Mutex<BTreeMap<String, Known>>,
}

fn invalid(code: &str, en: &str, zh: &str) -> Problem {
    let reason = format!("provider '{code}': {en}");
    Problem::new(ProblemKind::Invalid, "provider_invalid", reason, zh).at("sso.provider")
}

fn read(config: &ProviderConfig, fetcher: &Fetcher) -> Result<Provider, Problem> {
    let code = &config.code;
    let named = (1..=32).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && code != "callback";
    if !named {
        return Err(invalid(
            code,
            "a code is 1 to 32 of a-z 0-9 -",
            "代码须为 1 至 32 位 a-z 0-9 -",
        ));
    }
    fetcher
        .allowed(&config.issuer)
        .ok_or_else(|| invalid(code, "its issuer is no https address", "签发者须为 https 地址"))?;
    let secret = config.secret_file.as_deref().map(std::fs::read_to_string).transpose();
    let secret =
        secret.map_err(|e| invalid(code, &format!("its secret: {e}"), "密钥文件无法读取"))?;
    Ok(Provider {
        code: code.clone(),
        name: config.name.clone(),
        issuer: config.issuer.clone(),
        client_id: config.client_id.clone(),
        secret: secret.map(|text| types::Masked::new(text.trim())),
    })
}

impl Relying {
    pub(crate) fn new(config: &Config, issuer: &str) -> Result<Self, Error> {
        let fetcher = Fetcher::new(config.internal_providers)?;
        let mut providers = BTreeMap::new();
        for one in &config.provider {
            let provider = read(one, &fetcher)?;
            if providers.insert(provider.code.clone(), provider).is_some() {
                return Err(invalid(&one.code, "it is named twice", "重复配置").into());
            }
        }
        let callback = format!("{issuer}{CALLBACK}");
        Ok(Self { callback, fetcher, providers, known: Mutex::default() })
    }

    /// Every provider, by code.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    pub(crate) fn provider(&self, code: &str) -> Result<&Provider, Error> {
        self.providers.get(code).ok_or_else(|| {
            let (en, zh) = ("there is no such provider", "身份提供方不存在");
            Problem::new(ProblemKind::NotFound, "provider_unknown", en, zh).into()
        })
    }

    fn remembered(&self, code: &str, now: Timestamp) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(code).filter(|known| known.is_fresh(now)).cloned()
    }

    fn remember(&self, code: &str, known: Known) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(code.to_owned(), known);
    }
}
