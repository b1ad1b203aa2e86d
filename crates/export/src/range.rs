//! Which part of the book is meant.

use crate::Error;
use bookkeeper::Bookkeeper;
use std::fmt;
use std::str::FromStr;
use types::BusinessDate;

/// One end of a range: `2026-10-12` or a sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// An accounting date, with all that fell on it.
    Date(BusinessDate),
    /// The number of what took effect.
    Seq(u64),
}

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(seq) = text.parse()
        {
            return Ok(Self::Seq(seq));
        }
        let date = text.parse().map(Self::Date);
        date.map_err(|_| format!("'{text}' is neither a date like 2026-10-12 nor a number"))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Seq(seq) => seq.fmt(f),
        }
    }
}

/// From one end to the other, both included; an end that is missing is the book's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// Its beginning.
    pub from: Option<Bound>,
    /// Its end.
    pub to: Option<Bound>,
}

impl Range {
    /// Whether it does not end before it begins, as far as it can be told without the book.
    pub(crate) fn check(self) -> Result<(), Error> {
        let wrong = match (self.from, self.to) {
            (Some(Bound::Date(from)), Some(Bound::Date(to))) => from > to,
            (Some(Bound::Seq(from)), Some(Bound::Seq(to))) => from > to,
            _ => false,
        };
        match (self.from, self.to) {
            (Some(from), Some(to)) if wrong => Err(Error::RangeInvalid { from, to }),
            _ => Ok(()),
        }
    }

    /// Behind which number it begins, and with which it ends.
    pub(crate) fn numbers(self, book: &Bookkeeper) -> (u64, u64) {
        let now = book.seq();
        let first_on = |date| book.first_seq_from(date).unwrap_or(now + 1);
        let first = match self.from {
            None => 1,
            Some(Bound::Seq(seq)) => seq,
            Some(Bound::Date(date)) => first_on(date),
        };
        let last = match self.to {
            None => now,
            Some(Bound::Seq(seq)) => seq.min(now),
            Some(Bound::Date(date)) => first_on(date.next()) - 1,
        };
        (first.saturating_sub(1), last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_dates_or_numbers() {
        let date = "2026-10-12".parse().expect("a date");
        assert_eq!("2026-10-12".parse(), Ok(Bound::Date(date)));
        assert_eq!("120".parse(), Ok(Bound::Seq(120)));
        for bad in ["", "-1", "2026-13-01", "99999999999999999999", "tomorrow"] {
            assert!(bad.parse::<Bound>().is_err(), "{bad}");
        }
    }
}
