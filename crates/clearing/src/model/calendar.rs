//! The working calendar: T+n counts working days, D+n natural days.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use types::BusinessDate;

/// Why a calendar file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct CalendarError {
    /// The file as named by the caller.
    pub file: String,
    /// What is wrong, with the line where the syntax is at fault.
    pub reason: String,
}

/// Public holidays and make-up working days by year (`books/calendar.toml`).
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    holidays: BTreeMap<BusinessDate, Holiday>,
    make_up: BTreeSet<BusinessDate>,
    years: BTreeSet<i16>,
}

/// What a day off is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    #[serde(rename = "year")]
    number: i16,
    holidays: Vec<Range>,
    make_up_workdays: Vec<BusinessDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: BusinessDate,
    to: BusinessDate,
    en: String,
    zh: String,
}

/// No public holiday of China runs longer; a longer range is a slip of the pen.
const LONGEST_HOLIDAY_DAYS: i32 = 31;

fn is_weekend(date: BusinessDate) -> bool {
    use jiff::civil::Weekday::{Saturday, Sunday};
    matches!(date.civil().weekday(), Saturday | Sunday)
}

impl Calendar {
    /// Reads and checks a calendar: ranges in order and inside their year, make-up days only on
    /// weekends and never on a holiday, no year twice.
    pub fn parse(text: &str, file: &str) -> Result<Self, CalendarError> {
        let refuse = |reason: String| CalendarError { file: file.to_owned(), reason };
        let parsed: File = toml::from_str(text).map_err(|e| refuse(e.to_string()))?;
        let mut calendar = Self::default();
        for year in parsed.year {
            calendar.add_year(year).map_err(refuse)?;
        }
        Ok(calendar)
    }

    fn add_year(&mut self, year: Year) -> Result<(), String> {
        if !self.years.insert(year.number) {
            return Err(format!("year {} is listed twice", year.number));
        }
        let inside = |date: BusinessDate| date.civil().year() == year.number;
        for range in year.holidays {
            let days = range.to.days().saturating_sub(range.from.days());
            if !(0..LONGEST_HOLIDAY_DAYS).contains(&days)
                || !inside(range.from)
                || !inside(range.to)
            {
                return Err(format!(
                    "holiday {} to {} is backwards, too long or outside {}",
                    range.from, range.to, year.number
                ));
            }
            for day in 0..=days {
                let date = range.from.plus_days(day);
                let name = Holiday { en: range.en.clone(), zh: range.zh.clone() };
                if self.holidays.insert(date, name).is_some() {
                    return Err(format!("{date} is listed as a holiday twice"));
                }
            }
        }
        for date in year.make_up_workdays {
            if !inside(date) || !is_weekend(date) || self.holidays.contains_key(&date) {
                return Err(format!(
                    "make-up working day {date} is no weekend day of {}",
                    year.number
                ));
            }
            if !self.make_up.insert(date) {
                return Err(format!("{date} is listed as a make-up working day twice"));
            }
        }
        Ok(())
    }

    /// Whether the year's notice is in the file; elsewhere weekends alone count.
    pub fn covers(&self, date: BusinessDate) -> bool {
        self.years.contains(&date.civil().year())
    }

    /// The holiday that falls on this date.
    pub fn holiday(&self, date: BusinessDate) -> Option<&Holiday> {
        self.holidays.get(&date)
    }

    /// Whether banks and channels settle on this date.
    pub fn is_working_day(&self, date: BusinessDate) -> bool {
        self.make_up.contains(&date) || (!is_weekend(date) && !self.holidays.contains_key(&date))
    }

    /// T+n: the n-th working day after `date`; T+0 is the date itself, or the next working day
    /// if it is none.
    pub fn t_plus(&self, date: BusinessDate, n: u32) -> BusinessDate {
        let mut day = date;
        while n == 0 && !self.is_working_day(day) {
            day = day.next();
        }
        for _ in 0..n {
            day = day.next();
            while !self.is_working_day(day) {
                day = day.next();
            }
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Calendar {
        Calendar::parse(include_str!("../../../../books/calendar.toml"), "books/calendar.toml")
            .expect("the shipped calendar is valid")
    }

    fn date(text: &str) -> BusinessDate {
        text.parse().expect("valid")
    }

    #[test]
    fn holidays_weekends_and_make_up_days() {
        let calendar = shipped();
        for (day, working) in [
            ("2026-10-12", true),
            ("2026-10-10", true),  // Saturday worked for National Day
            ("2026-10-11", false), // plain Sunday
            ("2026-10-01", false),
            ("2026-02-23", false), // Monday in Spring Festival
            ("2026-02-28", true),  // Saturday worked
            ("2020-01-31", false), // extended for the epidemic
        ] {
            assert_eq!(calendar.is_working_day(date(day)), working, "{day}");
        }
        assert_eq!(calendar.holiday(date("2026-10-01")).map(|h| h.zh.as_str()), Some("国庆节"));
        assert!(calendar.covers(date("2026-12-31")) && !calendar.covers(date("2031-01-01")));
    }

    #[test]
    fn t_plus_n_counts_working_days() {
        let calendar = shipped();
        for (from, n, to) in [
            ("2026-10-12", 1, "2026-10-13"),
            ("2026-09-30", 1, "2026-10-08"), // over National Day
            ("2026-10-09", 1, "2026-10-10"), // the worked Saturday
            ("2026-10-10", 1, "2026-10-12"),
            ("2026-10-01", 0, "2026-10-08"),
            ("2026-10-12", 0, "2026-10-12"),
            ("2026-09-30", 3, "2026-10-10"),
        ] {
            assert_eq!(calendar.t_plus(date(from), n), date(to), "{from} T+{n}");
        }
    }

    #[test]
    fn wrong_files_are_refused_with_their_reason() {
        let table = [
            (
                "[[year]]\nyear = 2026\nholidays = []\nmake_up_workdays = [\"2026-10-12\"]",
                "no weekend day",
            ),
            (
                "[[year]]\nyear = 2026\nholidays = []\nmake_up_workdays = [\"2025-10-11\"]",
                "no weekend day of 2026",
            ),
            (
                "[[year]]\nyear = 2026\nholidays = [{ from = \"2026-10-02\", to = \"2026-10-01\", en = \"x\", zh = \"x\" }]\nmake_up_workdays = []",
                "backwards",
            ),
            (
                "[[year]]\nyear = 2026\nholidays = []\nmake_up_workdays = []\n[[year]]\nyear = 2026\nholidays = []\nmake_up_workdays = []",
                "listed twice",
            ),
            (
                "[[year]]\nyear = 2026\nholidays = [{ from = \"2026-02-30\", to = \"2026-03-01\", en = \"x\", zh = \"x\" }]\nmake_up_workdays = []",
                "2026-02-30",
            ),
            ("[[year]]\nyear = 2026\nholiday = []", "unknown field"),
        ];
        for (text, reason) in table {
            let error = Calendar::parse(text, "c.toml").expect_err(reason);
            assert!(error.to_string().starts_with("c.toml: "), "{error}");
            assert!(error.reason.contains(reason), "{error} lacks {reason}");
        }
    }
}
