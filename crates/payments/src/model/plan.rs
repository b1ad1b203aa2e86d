//! What was decided for an order before the book was asked, kept with the order so that every step
//! can be done again exactly.

use money::{Amount, AssetId};
use serde::{Deserialize, Serialize};
use types::{AccountId, OrderId, Timestamp, TransactionId};

use super::machine::Shape;
use super::order::Kind;

/// A limit that the order uses up, in the ledger transaction that moves the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Which limit (`day_one_factor`, `year`, ...).
    pub code: String,
    /// What is left of it.
    pub left: AccountId,
    /// What was used of it.
    pub used: AccountId,
    /// The asset both count in.
    pub asset: AssetId,
    /// The limit of the period.
    pub limit: Amount,
    /// When the period ends; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<Timestamp>,
}

/// The plan of one order. Stored as JSON; fields may be added with a default, never changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The payer's cash account (the receiver's, of a refund).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<AccountId>,
    /// The account that is paid: merchant pending, or a user's cash. Of a refund: the one that
    /// gives back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<AccountId>,
    /// The channel's receivable account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable: Option<AccountId>,
    /// The payer's card, wallet or bank account as the channel's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// Limits that are used up with the money.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<Quota>,
    /// Whether a person must look before the money moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub review: bool,
    /// Whether a device key is enough that nobody speaks for: the order was placed for one, and
    /// risk control asked for nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_device_key: bool,
    /// Whether risk control asked for the payment password: a gesture is not enough then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_asked: bool,
    /// Where the result is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Since when what was sent to the channel may be on its way.
    pub tried_at: Timestamp,
}

impl Plan {
    /// What of the order decides its path.
    pub fn shape(&self, kind: Kind, channel: Option<&str>) -> Shape {
        let outside = channel.is_some();
        Shape {
            outside,
            review: self.review,
            falls_back: kind == Kind::Refund && outside && self.payer.is_some(),
        }
    }
}

/// The steps that ask the book; each has its own transaction id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookStep {
    /// Sets the money aside, or moves it at once.
    Try,
    /// Posts the hold.
    Confirm,
    /// Moves on what the posted hold brought into transit.
    Settle,
    /// Voids the hold.
    Cancel,
    /// Pays a refund into the balance.
    FallBack,
}

impl BookStep {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Try => b"try",
            Self::Confirm => b"confirm",
            Self::Settle => b"settle",
            Self::Cancel => b"cancel",
            Self::FallBack => b"fall_back",
        }
    }

    /// The transaction of this step of this order: the same on every retry.
    pub fn transaction(self, order: OrderId, created_at: Timestamp) -> TransactionId {
        TransactionId::derive(created_at, &[&order.as_u128().to_be_bytes(), self.word()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_one_transaction() {
        let at = Timestamp::from_millis(1);
        let (one, two) = (OrderId::of(&[b"1"]), OrderId::of(&[b"2"]));
        let of = |order, step: BookStep| step.transaction(order, at);
        assert_eq!(of(one, BookStep::Try), of(one, BookStep::Try));
        assert_ne!(of(one, BookStep::Try), of(one, BookStep::Confirm));
        assert_ne!(of(one, BookStep::Try), of(two, BookStep::Try));
    }

    #[test]
    fn a_plan_reads_back() {
        let plan = Plan {
            payer: Some(AccountId::of(&[b"p"])),
            review: true,
            tried_at: Timestamp::from_millis(5),
            ..Plan::default()
        };
        let text = serde_json::to_string(&plan).expect("plain data");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("own form"), plan);
        assert!(serde_json::from_str::<Plan>("{\"tried_at\":0}").is_err());
    }
}
