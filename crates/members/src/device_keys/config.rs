//! What an institution decides about device keys, and the relying party that it makes.

use crate::error::Error;
use crate::model::device_key::{is_of_party, is_page};
use crate::model::device_state::DeviceStateRule;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use webauthn::{Instrument, RelyingParty, Roots};

/// What an institution decides about device keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceKeysConfig {
    /// The relying party's id: the domain of the institution's pages. Keys are bound to it for
    /// ever.
    pub relying_party: String,
    /// The institution's name, as authenticators show it.
    pub name: String,
    /// The pages that may ask for its keys, as origins.
    pub pages: Vec<String>,
    /// Whether authenticators must verify their user; if not, seeing somebody is enough.
    pub require_user_verification: bool,
    /// Files of certificates in PEM: the roots of the makers that are trusted. Without one no
    /// maker's word is asked for.
    pub attestation_roots: Vec<PathBuf>,
    /// What a device's state, as its app reports it, does to its keys.
    pub device_state: DeviceStateRule,
    /// The most keys of one user.
    pub most: u32,
    /// Seconds a challenge is good for.
    pub challenge_seconds: u32,
    /// What browsers show as what is paid with.
    pub instrument_name: String,
    /// The address of its picture.
    pub instrument_icon: String,
}

impl Default for DeviceKeysConfig {
    fn default() -> Self {
        Self {
            relying_party: "localhost".to_owned(),
            name: "Countinghouse".to_owned(),
            pages: vec!["http://localhost:8787".to_owned()],
            require_user_verification: true,
            attestation_roots: Vec::new(),
            device_state: DeviceStateRule::default(),
            most: 10,
            challenge_seconds: 300,
            instrument_name: "Balance 余额".to_owned(),
            instrument_icon: "http://localhost:8787/assets/icon.svg".to_owned(),
        }
    }
}

impl DeviceKeysConfig {
    /// The relying party. Reads the files of roots.
    ///
    /// # Errors
    /// `device_key_page_invalid` for a page that is no origin, or not of the relying party;
    /// [`Error::Fault`] for a file that cannot be read.
    pub(crate) fn relying_party(&self) -> Result<RelyingParty, Error> {
        for page in &self.pages {
            check_page("device_keys.pages", page)?;
            if !is_of_party(page, &self.relying_party) {
                return Err(page_invalid("device_keys.pages", page));
            }
        }
        let mut roots = Roots::default();
        for file in &self.attestation_roots {
            let shown = file.display().to_string();
            let text = std::fs::read_to_string(file).map_err(|e| Error::fault(&shown, &e))?;
            roots.add(Roots::from_pem(&text).map_err(|e| Error::fault(&shown, &e))?);
        }
        Ok(RelyingParty {
            id: self.relying_party.clone(),
            origins: self.pages.clone(),
            user_verification: self.require_user_verification,
            roots,
        })
    }

    pub(crate) fn instrument(&self) -> Instrument {
        Instrument {
            display_name: self.instrument_name.clone(),
            icon: self.instrument_icon.clone(),
        }
    }
}

/// Whether a page may ask for keys at all.
///
/// # Errors
/// `device_key_page_invalid`.
pub(crate) fn check_page(field: &'static str, page: &str) -> Result<(), Error> {
    if is_page(page) { Ok(()) } else { Err(page_invalid(field, page)) }
}

fn page_invalid(field: &'static str, page: &str) -> Error {
    let shown: String = page.chars().take(100).collect();
    Error::invalid(
        field,
        "device_key_page_invalid",
        format!(
            "'{shown}' is no page that may ask: an origin such as https://pay.example; the \
            institution's own lie in its domain"
        ),
        format!(
            "“{shown}”不是可发起请求的页面来源，应形如 https://pay.example；本机构页面须属于依赖方域名"
        ),
    )
}
