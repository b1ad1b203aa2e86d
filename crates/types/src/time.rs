//! Moments, business dates in Asia/Shanghai, and the clock that is handed in.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};

/// China Standard Time has been UTC+8 without daylight saving since 1991-09-15.
const SHANGHAI: jiff::tz::Offset = jiff::tz::offset(8);
const MICROS_PER_SECOND: i64 = 1_000_000;

/// A moment: microseconds since 1970-01-01T00:00:00Z. Serialised as RFC 3339 in UTC+8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Why a text or number is no date or moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no {wanted}")]
pub struct DateError {
    /// The text as given (cut to 40 characters).
    pub text: String,
    /// What was expected.
    pub wanted: &'static str,
}

fn date_error(text: &str, wanted: &'static str) -> DateError {
    DateError { text: text.chars().take(40).collect(), wanted }
}

impl Timestamp {
    /// The moment this many microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment this many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This moment moved by some microseconds (negative: earlier); saturates at the ends of time.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This moment moved by some seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// The wall clock in Shanghai.
    pub fn civil(self) -> jiff::civil::DateTime {
        let moment = jiff::Timestamp::from_microsecond(self.0).unwrap_or_default();
        SHANGHAI.to_datetime(moment)
    }

    /// The natural date in Shanghai.
    pub fn date(self) -> BusinessDate {
        BusinessDate(self.civil().date())
    }

    /// The moment a wall clock in Shanghai shows this.
    pub fn from_civil(civil: jiff::civil::DateTime) -> Self {
        SHANGHAI.to_timestamp(civil).map(|t| Self(t.as_microsecond())).unwrap_or_default()
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        text.parse::<jiff::Timestamp>()
            .map(|t| Self(t.as_microsecond()))
            .map_err(|_| date_error(text, "RFC 3339 moment"))
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339 in UTC+8, to the millisecond; to the microsecond where it lies between two of them,
    /// so that what is told and sent back is the same moment.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places = if self.0 % 1_000 == 0 { 3 } else { 6 };
        write!(f, "{:.places$}+08:00", self.civil())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A date of the business calendar (会计日期, Asia/Shanghai).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(jiff::civil::Date);

impl BusinessDate {
    /// The date of this year, month and day, if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, DateError> {
        jiff::civil::Date::new(year, month, day)
            .map(Self)
            .map_err(|_| date_error(&format!("{year}-{month}-{day}"), "date"))
    }

    /// The civil date.
    pub const fn civil(self) -> jiff::civil::Date {
        self.0
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_days(1)
    }

    /// This date moved by some days; saturates at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().try_days(days).unwrap_or_default()))
    }

    /// Midnight in Shanghai at its start.
    pub fn start(self) -> Timestamp {
        Timestamp::from_civil(self.0.at(0, 0, 0, 0))
    }

    /// Days since 1970-01-01: a compact sortable number.
    pub fn days(self) -> i32 {
        let epoch = jiff::civil::date(1970, 1, 1);
        self.0.duration_since(epoch).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
    }

    /// The date this many days after 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(jiff::civil::date(1970, 1, 1)).plus_days(days)
    }

    /// `20261012`, as file names and order numbers have it.
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%d").to_string()
    }
}

impl std::fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for BusinessDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        if text.len() != 10 {
            return Err(date_error(text, "date of the form 2026-10-12"));
        }
        text.parse().map(Self).map_err(|_| date_error(text, "date of the form 2026-10-12"))
    }
}

impl Serialize for BusinessDate {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BusinessDate {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Tells the time. The real one lives in the binary; nothing else reads the system's clock.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;
}

/// A clock that stands until it is moved: tests and the demo's day run on it.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves it forward to `at`; it never goes back.
    pub fn advance_to(&self, at: Timestamp) {
        self.0.fetch_max(at.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shanghai_midnight_divides_the_dates() {
        let midnight = Timestamp::parse("2026-10-12T00:00:00+08:00").expect("valid");
        assert_eq!(midnight.date().to_string(), "2026-10-12");
        assert_eq!(midnight.plus_micros(-1).date().to_string(), "2026-10-11");
        assert_eq!(midnight.date().start(), midnight);
        assert_eq!(midnight.to_string(), "2026-10-12T00:00:00.000+08:00");
    }

    #[test]
    fn a_moment_that_is_told_and_read_is_the_same() {
        for (micros, told) in [
            (1_800_000_000_000_000, "2027-01-15T16:00:00.000+08:00"),
            (1_800_000_000_001_000, "2027-01-15T16:00:00.001+08:00"),
            (1_800_000_000_000_200, "2027-01-15T16:00:00.000200+08:00"),
            (-1, "1970-01-01T07:59:59.999999+08:00"),
        ] {
            let moment = Timestamp::from_micros(micros);
            assert_eq!(moment.to_string(), told);
            assert_eq!(Timestamp::parse(told), Ok(moment), "{told}");
        }
    }

    #[test]
    fn dates_count_days_both_ways() {
        let date: BusinessDate = "2026-10-12".parse().expect("valid");
        assert_eq!(BusinessDate::from_days(date.days()), date);
        assert_eq!(date.plus_days(-12).compact(), "20260930");
        assert_eq!(BusinessDate::from_days(0).days(), 0);
    }

    #[test]
    fn wrong_dates_are_refused() {
        for text in ["2026-02-30", "2026-1-1", "20261012", "", "2026-10-12T00:00"] {
            assert!(text.parse::<BusinessDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_manual_clock_never_goes_back() {
        let clock = ManualClock::new(Timestamp::from_millis(5));
        clock.advance_to(Timestamp::from_millis(3));
        assert_eq!(clock.now(), Timestamp::from_millis(5));
    }
}
