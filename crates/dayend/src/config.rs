//! When a day's end takes its steps, and how patient it is.

use serde::{Deserialize, Deserializer};
use types::{BusinessDate, Timestamp};

/// A time of day in Shanghai, to the minute: `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

impl TimeOfDay {
    /// Reads `HH:MM`; `None` if it is no such time.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |part: &str, below: i8| {
            let fits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            part.parse::<i8>().ok().filter(|number| fits && *number < below)
        };
        Some(Self { hour: digits(hour, 24)?, minute: digits(minute, 60)? })
    }

    /// This time on this natural date.
    pub fn on(self, date: BusinessDate) -> Timestamp {
        Timestamp::from_civil(date.civil().at(self.hour, self.minute, 0, 0))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let wrong = || serde::de::Error::custom(format!("'{text}' is no time of day HH:MM"));
        Self::parse(&text).ok_or_else(wrong)
    }
}

/// What an installation decides about its day ends. Every field has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether `serve` takes the steps by itself. Default: true.
    pub automatic: bool,
    /// When D0 merchants are advanced, on the accounting date itself. Default: 23:30.
    pub advance: TimeOfDay,
    /// When the day is cut, on the natural day after it. Default: 00:00.
    pub cut: TimeOfDay,
    /// When fees are worked out, on the natural day after. Default: 00:10.
    pub clear: TimeOfDay,
    /// When the day books are written, on the natural day after. Default: 01:00.
    pub day_books: TimeOfDay,
    /// When the channels' statements are asked for, on the natural day after. Default: 09:00.
    pub statements: TimeOfDay,
    /// When channels pay and merchants are settled, on the next working day. Default: 10:00.
    pub settlement: TimeOfDay,
    /// The pause after a first failure, in seconds; it doubles each time. Default: 30.
    pub first_wait_seconds: i64,
    /// The longest of these pauses, in seconds. Default: 900.
    pub most_wait_seconds: i64,
    /// How long after its time a step may fail before an alarm is raised, in seconds. Default: 3600.
    pub alarm_seconds: i64,
}

impl Default for Config {
    fn default() -> Self {
        let at = |hour, minute| TimeOfDay { hour, minute };
        Self {
            automatic: true,
            advance: at(23, 30),
            cut: at(0, 0),
            clear: at(0, 10),
            day_books: at(1, 0),
            statements: at(9, 0),
            settlement: at(10, 0),
            first_wait_seconds: 30,
            most_wait_seconds: 900,
            alarm_seconds: 3_600,
        }
    }
}

impl Config {
    /// How long to wait after this many attempts, in seconds.
    pub(crate) fn wait(&self, attempts: u32) -> i64 {
        let doublings = attempts.saturating_sub(1).min(30);
        let factor = 1i64.checked_shl(doublings).unwrap_or(i64::MAX);
        self.first_wait_seconds.max(1).saturating_mul(factor).min(self.most_wait_seconds.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_strictly() {
        let date: BusinessDate = "2026-10-12".parse().expect("a date");
        let at = |text| TimeOfDay::parse(text).map(|time| time.on(date).to_string());
        assert_eq!(at("09:30").as_deref(), Some("2026-10-12T09:30:00.000+08:00"));
        for text in ["24:00", "9:30", "09:60", "0930", "", "-1:00", "+1:00", "09:30:00"] {
            assert_eq!(at(text), None, "{text}");
        }
        assert!(toml::from_str::<Config>("cut = \"24:00\"").is_err());
        assert!(toml::from_str::<Config>("cutt = \"00:00\"").is_err());
        assert_eq!(toml::from_str::<Config>("").expect("empty"), Config::default());
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<i64> = (0..8).map(|n| Config::default().wait(n)).collect();
        assert_eq!(pauses, [30, 30, 60, 120, 240, 480, 900, 900]);
    }
}
