//! What happened: the elements that callers send.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use types::{AccountId, CustomerId, DecisionId, MerchantId, OrderId, Timestamp, UserId};

/// An event to be judged. Elements that the caller does not know stay `None`: the rules that read
/// them are passed over, and the decision says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// One of the kinds that features.toml declares: `topup`, `payment`, `transfer`,
    /// `withdrawal`, `refund`, `login`, `change_password`, `bind_card`.
    pub kind: String,
    /// When it happened. Windows run on this moment, never on the clock: a retry of the same event
    /// must carry the same moment (an order's time of creation).
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// The order, if the event is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The customer who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The user who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The account of the user who acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The phone of the user who acts, as a keyed hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The identity document of the customer who acts, as a keyed hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The merchant who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant: Option<MerchantId>,
    /// The user who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_user: Option<UserId>,
    /// The money at stake, minor units; `None` for events that move none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// The channel's code (`card`, `wallet`), or `balance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The device's fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The instrument's token; never a card number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// How strongly the customer proved to be themself: 0 not at all (password-free), 1 one
    /// factor, 2 two factors, 3 two factors with a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<i64>,
    /// Whole days since the account was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_age_days: Option<i64>,
    /// Further elements, each declared in features.toml with its type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, ElementValue>,
}

/// The value of one element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ElementValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number; money in minor units.
    Int(i64),
    /// A text.
    Text(String),
}

impl Event {
    /// An event with no more than its kind, moment and order.
    pub fn new(kind: impl Into<String>, at: Timestamp, order: Option<OrderId>) -> Self {
        Self {
            kind: kind.into(),
            at,
            order,
            customer: None,
            user: None,
            account: None,
            phone: None,
            document: None,
            merchant: None,
            payee_user: None,
            amount_minor: None,
            channel: None,
            device: None,
            ip: None,
            card: None,
            factors: None,
            account_age_days: None,
            extra: BTreeMap::new(),
        }
    }

    /// The id of the decision on this event: the same event always has the same.
    ///
    /// An order is judged once a kind; an event without order is told apart by its moment, user
    /// and device.
    pub fn decision_id(&self) -> DecisionId {
        let kind = self.kind.as_bytes();
        if let Some(order) = self.order {
            return DecisionId::derive(self.at, &[kind, &order.as_u128().to_be_bytes()]);
        }
        let user = self.user.map_or(0, UserId::as_u128).to_be_bytes();
        let micros = self.at.as_micros().to_be_bytes();
        let device = self.device.as_deref().unwrap_or_default().as_bytes();
        DecisionId::derive(self.at, &[kind, &micros, &user, device])
    }
}

/// A moment as whole microseconds: its text form would lose some, and windows would differ.
mod micros {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use types::Timestamp;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
    pub(super) fn serialize<S: Serializer>(at: &Timestamp, s: S) -> Result<S::Ok, S::Error> {
        at.as_micros().serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(d).map(Timestamp::from_micros)
    }
}
