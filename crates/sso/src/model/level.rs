//! How surely a user signed in, and the grades of systems.
//!
//! Both follow one rule: what is higher may open what is lower, never the other way.

use serde::{Deserialize, Serialize};

/// How a user signed in, from the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// An outside identity provider said so.
    Federated,
    /// By a one-time code to the phone.
    Code,
    /// By the payment password.
    Password,
}

impl Level {
    /// Its number, as kept and as `acr` has it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Federated => 1,
            Self::Code => 2,
            Self::Password => 3,
        }
    }

    /// The level of this number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Federated),
            2 => Some(Self::Code),
            3 => Some(Self::Password),
            _ => None,
        }
    }

    /// How the user was recognised, as RFC 8176 names it.
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Federated => "fed",
            Self::Code => "sms",
            Self::Password => "pin",
        }
    }
}

/// The grade of a system, 1 to 9: how much it is trusted. The institution's own payment app stands
/// high, a shop low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Grade(u8);

impl Grade {
    /// The grade of this number, 1 to 9.
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=9) { Some(Self(number)) } else { None }
    }

    /// Whether a system of this grade may authorise one of that: only downwards.
    pub const fn may_authorise(self, other: Self) -> bool {
        self.0 > other.0
    }
}

impl TryFrom<u8> for Grade {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| format!("a grade is 1 to 9, not {number}"))
    }
}

impl From<Grade> for u8 {
    fn from(grade: Grade) -> Self {
        grade.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_downwards() {
        let grade = |n| Grade::new(n).expect("a grade");
        for (a, b, may) in [(3, 1, true), (2, 1, true), (1, 1, false), (1, 2, false), (9, 8, true)]
        {
            assert_eq!(grade(a).may_authorise(grade(b)), may, "{a} {b}");
        }
        assert_eq!((Grade::new(0), Grade::new(10)), (None, None));
    }

    #[test]
    fn levels_are_ordered_as_their_numbers() {
        let all = [Level::Federated, Level::Code, Level::Password];
        assert!(all.is_sorted() && all.map(Level::number).is_sorted());
        assert!(all.iter().all(|l| Level::from_number(l.number().into()) == Some(*l)));
    }
}
