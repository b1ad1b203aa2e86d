//! Rates in parts per million, applied with a named rounding.

use crate::{Amount, MoneyError, parse_minor};
use serde::{Deserialize, Serialize};

const MILLION: u128 = 1_000_000;

/// How a result between two minor units is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// To the nearest; a tie goes to the even neighbour (banker's rounding, 四舍六入五成双).
    HalfEven,
    /// To the nearest; a tie goes up (四舍五入).
    HalfUp,
    /// Toward zero (截尾).
    Down,
    /// Away from zero (进位).
    Up,
}

/// A rate in parts per million: 6 000 is 0.60 %, 100 is one basis point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(u32);

impl Rate {
    /// A rate of `ppm` parts per million.
    pub const fn ppm(ppm: u32) -> Self {
        Self(ppm)
    }

    /// The parts per million.
    pub const fn as_ppm(self) -> u32 {
        self.0
    }

    /// Reads a decimal per cent with at most four decimals: `0.60` is 6 000 parts per million.
    pub fn percent(text: &str) -> Result<Self, MoneyError> {
        let ppm = parse_minor(text, 4)?.minor();
        u32::try_from(ppm).map(Self).map_err(|_| MoneyError::TooLarge)
    }

    /// `amount` times this rate, rounded as named.
    pub fn of(self, amount: Amount, rounding: Rounding) -> Result<Amount, MoneyError> {
        let product = u128::from(amount.minor())
            .checked_mul(u128::from(self.0))
            .ok_or(MoneyError::TooLarge)?;
        let quotient = product.checked_div(MILLION).unwrap_or_default();
        let remainder = product.checked_rem(MILLION).unwrap_or_default();
        let half = MILLION / 2;
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => remainder > 0,
            Rounding::HalfUp => remainder >= half,
            Rounding::HalfEven => remainder > half || (remainder == half && quotient % 2 == 1),
        };
        let rounded = quotient.checked_add(u128::from(up)).ok_or(MoneyError::TooLarge)?;
        u64::try_from(rounded).map_err(|_| MoneyError::TooLarge).and_then(Amount::new)
    }
}

impl std::fmt::Display for Rate {
    /// As a decimal per cent with at least two decimals: `0.60%`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = crate::format_minor(i64::from(self.0), 4);
        let cut = text.strip_suffix("00").or_else(|| text.strip_suffix('0')).unwrap_or(&text);
        write!(f, "{cut}%")
    }
}

/// For `#[serde(with = "money::percent")]`: a rate written as a decimal per cent, `"0.60"`.
pub mod percent {
    use super::Rate;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the decimal per cent without its sign.
    pub fn serialize<S: Serializer>(rate: &Rate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(rate.to_string().trim_end_matches('%'))
    }

    /// Reads what [`Rate::percent`] reads.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        Rate::percent(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_read_and_written() {
        for (text, ppm, shown) in
            [("0.60", 6_000, "0.60%"), ("0.6", 6_000, "0.60%"), ("0.0125", 125, "0.0125%")]
        {
            let rate = Rate::percent(text).expect("valid");
            assert_eq!((rate.as_ppm(), rate.to_string().as_str()), (ppm, shown));
        }
        assert!(Rate::percent("0.00001").is_err() && Rate::percent("-1").is_err());
    }

    #[test]
    fn every_rounding_at_its_boundaries() {
        // Half of a per cent of 100, 300, 101, 99 minor units: 0.5, 1.5, 0.505, 0.495.
        let rate = Rate::ppm(5_000);
        let table = [
            (Rounding::HalfEven, [0, 2, 1, 0]),
            (Rounding::HalfUp, [1, 2, 1, 0]),
            (Rounding::Down, [0, 1, 0, 0]),
            (Rounding::Up, [1, 2, 1, 1]),
        ];
        for (rounding, expected) in table {
            let got = [100, 300, 101, 99].map(|minor| {
                let amount = Amount::new(minor).expect("small");
                rate.of(amount, rounding).expect("small").minor()
            });
            assert_eq!(got, expected, "{rounding:?}");
        }
    }

    #[test]
    fn the_largest_amount_does_not_wrap() {
        assert_eq!(Rate::ppm(1_000_000).of(Amount::MAX, Rounding::HalfEven), Ok(Amount::MAX));
        assert_eq!(Rate::ppm(1_000_001).of(Amount::MAX, Rounding::Up), Err(MoneyError::TooLarge));
    }
}
