//! What a verification provider needs to be told, and what an applicant offers.

use super::realname::IdType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One input of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Name as on the document.
    Name,
    /// Kind and number of the document.
    Document,
    /// Number of a bank card.
    Card,
    /// The phone that the card's bank has on file.
    CardPhone,
    /// A mobile number that is in the applicant's name.
    Mobile,
    /// The ticket of a live capture of face and document photo, made by the provider's own program.
    LiveFace,
    /// Number of a household at a utility (户号).
    UtilityAccount,
    /// Number of an account at a housing fund (公积金账号).
    HousingFundAccount,
    /// Number of a certificate of income tax paid (纳税记录).
    TaxRecord,
}

impl Need {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Document => "document",
            Self::Card => "card",
            Self::CardPhone => "card_phone",
            Self::Mobile => "mobile",
            Self::LiveFace => "live_face",
            Self::UtilityAccount => "utility_account",
            Self::HousingFundAccount => "housing_fund_account",
            Self::TaxRecord => "tax_record",
        }
    }
}

/// What an applicant offers, as far as a choice of providers depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Kind of document.
    pub id_type: IdType,
    /// What else is offered; without the cards.
    pub has: BTreeSet<Need>,
    /// The issuer of each card offered, each with its phone.
    pub issuers: Vec<String>,
}
