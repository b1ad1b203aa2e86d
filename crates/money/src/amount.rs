//! A non-negative number of minor units.

use serde::{Deserialize, Serialize};

/// A non-negative number of minor units of some asset, at most [`Amount::MAX`].
///
/// The upper bound is `i64::MAX`, so that an amount always fits a signed 64-bit column and the
/// difference of two amounts always fits an `i64`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(u64);

/// What can go wrong when amounts are made or combined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// A negative number where an amount was expected.
    #[error("{0} is negative; an amount is not")]
    Negative(i64),
    /// The result does not fit [`Amount::MAX`].
    #[error("the amount exceeds {max}", max = Amount::MAX.minor())]
    TooLarge,
    /// A subtraction below zero.
    #[error("{from} minus {take} is below zero")]
    BelowZero {
        /// The amount that was taken from.
        from: u64,
        /// The amount that was to be taken.
        take: u64,
    },
    /// Text that is no decimal number of the asset's scale.
    #[error("'{text}' is no amount with at most {scale} decimals: {reason}")]
    Malformed {
        /// The text as read (cut to 40 characters).
        text: String,
        /// How many decimals the asset has.
        scale: u8,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount: `i64::MAX` minor units.
    pub const MAX: Self = Self(i64::MAX.unsigned_abs());

    /// An amount of `minor` units, or an error if it is past [`Amount::MAX`].
    pub const fn new(minor: u64) -> Result<Self, MoneyError> {
        if minor > Self::MAX.0 {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self(minor))
    }

    /// The number of minor units.
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// The number of minor units, signed; never negative.
    pub const fn signed(self) -> i64 {
        // Cannot wrap: the bound is i64::MAX.
        self.0.cast_signed()
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum, or [`MoneyError::TooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).ok_or(MoneyError::TooLarge).and_then(Self::new)
    }

    /// Difference, or [`MoneyError::BelowZero`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(MoneyError::BelowZero { from: self.0, take: other.0 })
    }

    /// The sum of many, or [`MoneyError::TooLarge`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl TryFrom<i64> for Amount {
    type Error = MoneyError;

    fn try_from(minor: i64) -> Result<Self, MoneyError> {
        u64::try_from(minor).map(Self).map_err(|_| MoneyError::Negative(minor))
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> i64 {
        amount.signed()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_refused_not_wrapped() {
        assert_eq!(Amount::new(u64::MAX), Err(MoneyError::TooLarge));
        assert_eq!(Amount::try_from(-1), Err(MoneyError::Negative(-1)));
        assert_eq!(Amount::MAX.plus(Amount::new(1).expect("one")), Err(MoneyError::TooLarge));
        let one = Amount::new(1).expect("one");
        assert_eq!(Amount::ZERO.minus(one), Err(MoneyError::BelowZero { from: 0, take: 1 }));
        assert_eq!(Amount::sum([one, one, one]).map(Amount::minor), Ok(3));
    }
}
