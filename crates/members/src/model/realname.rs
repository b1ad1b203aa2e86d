//! What a person claims to be, and what came of checking it.

use super::class::Class;
use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, Masked, UserId};

/// Kind of identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdType {
    /// Resident identity card (居民身份证), GB 11643.
    ResidentId,
    /// Residence permit for Hong Kong, Macau and Taiwan residents (港澳台居民居住证), GB 11643.
    ResidencePermit,
    /// Mainland travel permit for Hong Kong and Macau residents (港澳居民来往内地通行证).
    HongKongMacauPermit,
    /// Mainland travel permit for Taiwan residents (台湾居民来往大陆通行证).
    TaiwanPermit,
    /// Passport.
    Passport,
}

impl IdType {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidentId => "resident_id",
            Self::ResidencePermit => "residence_permit",
            Self::HongKongMacauPermit => "hong_kong_macau_permit",
            Self::TaiwanPermit => "taiwan_permit",
            Self::Passport => "passport",
        }
    }

    /// The type of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::ResidentId,
            Self::ResidencePermit,
            Self::HongKongMacauPermit,
            Self::TaiwanPermit,
            Self::Passport,
        ]
        .into_iter()
        .find(|t| t.code() == code)
    }
}

/// A bank card offered as evidence: the bank knows its holder.
#[derive(Debug, Clone)]
pub struct CardClaim {
    /// Card number.
    pub number: Masked,
    /// The phone the bank has on file.
    pub phone: Masked,
}

/// What else is offered as evidence beside cards.
#[derive(Debug, Clone, Default)]
pub struct Further {
    /// A mobile number in the applicant's name: its operator knows the holder.
    pub mobile: Option<Masked>,
    /// The ticket of a live capture of face and document photo, made by the provider's program.
    pub live_face: Option<Masked>,
    /// Number of a household at a utility (户号).
    pub utility_account: Option<Masked>,
    /// Number of an account at a housing fund (公积金账号).
    pub housing_fund_account: Option<Masked>,
    /// Number of a certificate of income tax paid (纳税记录).
    pub tax_record: Option<Masked>,
}

/// What a person claims to be.
#[derive(Debug, Clone)]
pub struct RealNameClaim {
    /// Name as on the document.
    pub name: Masked,
    /// Kind of document.
    pub id_type: IdType,
    /// Document number.
    pub id_number: Masked,
    /// Cards offered as evidence; each issuer counts as one channel.
    pub cards: Vec<CardClaim>,
    /// What else is offered.
    pub further: Further,
    /// The class wanted.
    pub wanted: Class,
}

/// A user whose real name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The user.
    pub user: UserId,
    /// Its customer.
    pub customer: CustomerId,
    /// Whether the customer is new here.
    pub new: bool,
    /// The class reached.
    pub class: Class,
    /// The user's cash account.
    pub account: AccountId,
}

/// A verified user whose payment password would let the asker join its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeCandidate {
    /// The user to name in the merge.
    pub user: UserId,
    /// Its phone, masked.
    pub phone: Masked,
}

/// What came of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RealNameOutcome {
    /// Done.
    Verified(Verified),
    /// The identity is real and already a customer: prove it by a payment password of one of
    /// these users (`customer_exists_merge_required`).
    MergeRequired(Vec<MergeCandidate>),
}
