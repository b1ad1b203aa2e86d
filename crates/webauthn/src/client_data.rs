//! What the browser collected (§5.8.1): the ceremony, the challenge, the page.

use crate::{Fault, MAX_CLIENT_DATA, Payment, from_base64};
use serde::Deserialize;

/// The client data, read. Members unknown here are allowed: clients may add some (§5.8.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientData {
    /// The ceremony: `webauthn.create`, `webauthn.get`, `payment.get`.
    #[serde(rename = "type")]
    pub ceremony: String,
    /// The challenge, base64url without padding.
    pub challenge: String,
    /// The page that asked.
    pub origin: String,
    /// Whether that page stood inside another origin's.
    #[serde(default)]
    pub cross_origin: Option<bool>,
    /// The page around it, where there was one.
    #[serde(default)]
    pub top_origin: Option<String>,
    /// What the payer was shown, of a payment confirmation.
    #[serde(default)]
    pub payment: Option<Payment>,
}

impl ClientData {
    /// Reads `clientDataJSON`.
    ///
    /// # Errors
    /// [`Fault::ClientData`] if it is too long, no UTF-8, no JSON object, lacks a member, has one
    /// twice, or has one of another type.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > MAX_CLIENT_DATA {
            return Err(Fault::ClientData("it is too long"));
        }
        // The serialization of §5.8.1.1 begins so; serde would take a list as well.
        if !bytes.starts_with(b"{") {
            return Err(Fault::ClientData("it is no JSON object"));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            Fault::ClientData(if error.is_data() {
                "a member is missing, given twice, or of another type"
            } else {
                "it is not JSON in UTF-8"
            })
        })
    }

    /// The bytes of the challenge that it answers.
    ///
    /// # Errors
    /// [`Fault::ClientData`] if they are not base64url.
    pub fn challenge(&self) -> Result<Vec<u8>, Fault> {
        from_base64(&self.challenge).ok_or(Fault::ClientData("the challenge is no base64url"))
    }

    /// Whether it answers exactly this challenge.
    ///
    /// # Errors
    /// [`Fault::Challenge`].
    pub(crate) fn answers(&self, challenge: &[u8]) -> Result<(), Fault> {
        if self.challenge()? == challenge { Ok(()) } else { Err(Fault::Challenge) }
    }

    /// That the page is one of `origins` and stood alone.
    ///
    /// # Errors
    /// [`Fault::Origin`], [`Fault::CrossOrigin`].
    pub(crate) fn asked_by(&self, origins: &[String]) -> Result<(), Fault> {
        if !origins.contains(&self.origin) {
            return Err(Fault::Origin);
        }
        if self.cross_origin == Some(true) || self.top_origin.is_some() {
            return Err(Fault::CrossOrigin);
        }
        Ok(())
    }
}
