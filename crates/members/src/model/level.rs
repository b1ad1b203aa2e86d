//! How sure a check makes, in three levels; and the least of them that a class needs.

use super::class::Class;
use serde::{Deserialize, Serialize};

/// How sure a match makes that the applicant is that person, lowest first. The words are those of
/// eIDAS (EU 910/2014, article 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Some of what is claimed belongs together.
    Low,
    /// An authority or a contract partner knows this name under this document.
    Substantial,
    /// Beyond that, the applicant holds what only that person has: a face, a bank's phone.
    High,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Substantial, Self::High];

    /// `low`, `substantial`, `high`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Substantial => "substantial",
            Self::High => "high",
        }
    }

    /// 1 to 3, as it is stored.
    pub const fn number(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Substantial => 2,
            Self::High => 3,
        }
    }

    /// The level of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| i64::from(level.number()) == number)
    }
}

/// The least level that at least one of a customer's checks must have, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeastLevel {
    /// Default: low.
    #[serde(rename = "I")]
    pub one: Level,
    /// Default: substantial.
    #[serde(rename = "II")]
    pub two: Level,
    /// Default: high.
    #[serde(rename = "III")]
    pub three: Level,
}

impl Default for LeastLevel {
    fn default() -> Self {
        Self { one: Level::Low, two: Level::Substantial, three: Level::High }
    }
}

impl LeastLevel {
    /// That of a class.
    pub const fn of(&self, class: Class) -> Level {
        match class {
            Class::I => self.one,
            Class::II => self.two,
            Class::III => self.three,
        }
    }
}
