//! What was decided, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use types::{DecisionId, Text, Timestamp};

use crate::{Event, Level, Listed};

/// What is to become of an event, weakest first: the strongest that any rule asks for wins.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Let it pass.
    #[default]
    Accept,
    /// Only with further factors ([`Decision::factors`]).
    StepUp,
    /// The money waits in transit until a person has looked.
    Review,
    /// Refuse it.
    Reject,
}

/// A proof that may be asked of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// The payment password.
    PaymentPassword,
    /// A code sent to the bound phone.
    SmsCode,
    /// A live picture of the face.
    Face,
    /// A signature with a registered key.
    Signature,
}

/// Why: one rule that hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's name; `blacklist` and `fallback` are the house's own.
    pub rule: String,
    /// What it asked for; `None` if it only tagged or scored, or was waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What it added to the score.
    pub score: i64,
    /// The label it put on the event, if it is a tagging rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The sentence people read, its numbers filled in.
    pub text: Text,
}

/// The judgement on one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Derived from the event: the same event, the same id.
    pub id: DecisionId,
    /// What was judged.
    pub event: Event,
    /// What is to become of it.
    pub outcome: Outcome,
    /// The factors asked for, in order; empty unless the outcome is [`Outcome::StepUp`].
    pub factors: Vec<Factor>,
    /// The sum of the scores of the rules that hit, 0 to 1,000.
    pub score: i64,
    /// The rules that hit, in their order.
    pub reasons: Vec<Reason>,
    /// The features as they were at that moment, this event included.
    pub features: BTreeMap<String, i64>,
    /// Its elements that stood on a list at that moment.
    pub listed: BTreeMap<Listed, Level>,
    /// Rules that could not be asked because an element was missing or arithmetic overflowed.
    pub passed_over: Vec<String>,
    /// Content hash of the rules and features it was judged by.
    pub version: String,
    /// Whether time ran out and the declared fallback answered.
    pub fallback: bool,
    /// How long judging took, microseconds. Not part of what is replayed.
    pub micros: u64,
}

impl Decision {
    /// When the event happened.
    pub fn at(&self) -> Timestamp {
        self.event.at
    }

    /// The labels put on the event.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.reasons.iter().filter_map(|r| r.tag.as_deref())
    }
}

impl Outcome {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::Accept, Self::StepUp, Self::Review, Self::Reject];

    /// Its name as stored and served.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::StepUp => "step_up",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }

    /// The outcome of this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}
