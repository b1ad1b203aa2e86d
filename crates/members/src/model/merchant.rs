//! Merchants (商户): organisations that are paid.

use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, Masked, MerchantId, Text, Timestamp};

/// When a merchant's money becomes withdrawable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cycle {
    /// The next working day.
    #[serde(rename = "T+1")]
    T1,
    /// The same working day.
    #[serde(rename = "T+0")]
    T0,
    /// The next natural day.
    #[serde(rename = "D+1")]
    D1,
}

impl Cycle {
    /// `T+1`, `T+0`, `D+1`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::T1 => "T+1",
            Self::T0 => "T+0",
            Self::D1 => "D+1",
        }
    }

    /// The cycle of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::T1, Self::T0, Self::D1].into_iter().find(|c| c.code() == code)
    }
}

/// A merchant to be registered.
#[derive(Debug, Clone)]
pub struct NewMerchant {
    /// The name it trades under, in both languages; its organisation's merchants have each their own.
    pub name: Text,
    /// Unified social credit code (GB 32100) of its organisation, 18 characters.
    pub uscc: Masked,
    /// The organisation's name as on its licence; `None`: the Chinese name it trades under.
    pub legal_name: Option<Masked>,
    /// Its fee plan, by the name books/fees.toml gives.
    pub fee_plan: String,
    /// Its settlement cycle.
    pub cycle: Cycle,
    /// Whether it is advanced the day's money on the day (D0, 垫资).
    pub advance_d0: bool,
    /// Where order results are sent.
    pub webhook_url: Option<String>,
}

/// A merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// The merchant.
    pub merchant: MerchantId,
    /// Its organisation.
    pub customer: CustomerId,
    /// Name in both languages.
    pub name: Text,
    /// Its fee plan.
    pub fee_plan: String,
    /// Its settlement cycle.
    pub cycle: Cycle,
    /// Whether it is advanced the day's money on the day.
    pub advance_d0: bool,
    /// Where order results are sent.
    pub webhook_url: Option<String>,
    /// Ledger account: paid, not yet settled.
    pub pending: AccountId,
    /// Ledger account: settled, withdrawable.
    pub settled: AccountId,
    /// When it registered.
    pub created_at: Timestamp,
}

/// What a merchant is told once, at registration.
#[derive(Debug, Clone)]
pub struct MerchantCredentials {
    /// The merchant.
    pub merchant: MerchantId,
    /// Its API key; only a keyed hash of it is kept.
    pub api_key: Masked,
    /// The secret that signs its webhooks.
    pub webhook_secret: Masked,
    /// Ledger account: paid, not yet settled.
    pub pending: AccountId,
    /// Ledger account: settled, withdrawable.
    pub settled: AccountId,
}
