//! Secure Payment Confirmation: what the browser showed the payer, against the order.

use crate::Fault;
use serde::{Deserialize, Serialize};

/// What is paid, as the browser shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The currency, ISO 4217.
    pub currency: String,
    /// The amount in major units, with a point.
    pub value: String,
}

/// What is paid with, as the browser shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instrument {
    /// Its name.
    pub display_name: String,
    /// The address of its picture; empty where none was shown.
    pub icon: String,
}

/// What the payer was shown (`CollectedClientAdditionalPaymentData`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The relying party whose key was asked.
    pub rp_id: String,
    /// The page that the payer saw.
    pub top_origin: String,
    /// The payee's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_name: Option<String>,
    /// The payee's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_origin: Option<String>,
    /// What is paid.
    pub total: Total,
    /// What is paid with.
    pub instrument: Instrument,
}

/// What the payer must have been shown: the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTerms {
    /// The page of the payee, which asked.
    pub origin: String,
    /// The payee's name; it has one in each language, and either may have been shown.
    pub payee_names: Vec<String>,
    /// What is paid.
    pub total: Total,
    /// What is paid with.
    pub instrument: Instrument,
}

impl PaymentTerms {
    /// Compares what was shown with the order (Secure Payment Confirmation, "Verifying an
    /// Authentication Assertion").
    ///
    /// # Errors
    /// [`Fault::Payment`] with the first part that differs.
    pub(crate) fn check(&self, shown: Option<&Payment>, rp_id: &str) -> Result<(), Fault> {
        let shown = shown.ok_or(Fault::Payment("payment"))?;
        let instrument = &shown.instrument;
        // A picture that could not be loaded is shown, and told, as none.
        let icon = instrument.icon.is_empty() || instrument.icon == self.instrument.icon;
        let payee = shown.payee_name.as_ref().is_some_and(|name| self.payee_names.contains(name));
        for (part, fits) in [
            ("rpId", shown.rp_id == rp_id),
            ("topOrigin", shown.top_origin == self.origin),
            ("payeeName", payee),
            ("payeeOrigin", shown.payee_origin.as_ref() == Some(&self.origin)),
            ("total", shown.total == self.total),
            ("instrument", icon && instrument.display_name == self.instrument.display_name),
        ] {
            if !fits {
                return Err(Fault::Payment(part));
            }
        }
        Ok(())
    }
}
