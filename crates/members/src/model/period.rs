//! The periods that limits sum over, and when they begin anew (Asia/Shanghai).

use super::regulation::Per;
use types::{BusinessDate, Timestamp};

/// One period of a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its name: `life`, `2026`, `2026-10-12`. Later periods of one limit sort later.
    pub key: String,
    /// When it ends; `None`: never.
    pub ends: Option<Timestamp>,
}

/// The period of a limit in which `now` lies.
pub fn period(per: Per, now: Timestamp) -> Period {
    let date = now.date();
    match per {
        Per::Lifetime => Period { key: "life".to_owned(), ends: None },
        Per::CalendarYear => {
            let year = date.civil().year();
            let ends = BusinessDate::new(year.saturating_add(1), 1, 1).map(BusinessDate::start);
            Period { key: format!("{year:04}"), ends: ends.ok() }
        }
        Per::Day | Per::Transaction => {
            Period { key: date.to_string(), ends: Some(date.next().start()) }
        }
    }
}

/// The same day so many months earlier; the month's last day where it has no such day. `None`
/// before the calendar begins.
pub fn months_earlier(date: BusinessDate, months: u64) -> Option<BusinessDate> {
    let civil = date.civil();
    let counted = i64::from(civil.year())
        .checked_mul(12)?
        .checked_add(i64::from(civil.month()))?
        .checked_sub(1)?
        .checked_sub(i64::try_from(months).ok()?)?;
    let year = i16::try_from(counted.div_euclid(12)).ok()?;
    let month = i8::try_from(counted.rem_euclid(12)).ok()?.checked_add(1)?;
    (28..=civil.day())
        .rev()
        .chain([civil.day().min(28)])
        .find_map(|day| BusinessDate::new(year, month, day).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_turn_at_midnight_in_shanghai() {
        let at = |text: &str| Timestamp::parse(text).expect("valid");
        for (per, moment, key, ends) in [
            (
                Per::Day,
                "2026-10-12T23:59:59.999999+08:00",
                "2026-10-12",
                "2026-10-13T00:00:00+08:00",
            ),
            (Per::Day, "2026-10-12T16:00:00Z", "2026-10-13", "2026-10-14T00:00:00+08:00"),
            (Per::CalendarYear, "2026-12-31T23:59:59+08:00", "2026", "2027-01-01T00:00:00+08:00"),
            (Per::CalendarYear, "2026-12-31T16:00:00Z", "2027", "2028-01-01T00:00:00+08:00"),
        ] {
            let period = period(per, at(moment));
            assert_eq!((period.key.as_str(), period.ends), (key, Some(at(ends))), "{moment}");
        }
        assert_eq!(period(Per::Lifetime, at("2026-10-12T00:00:00Z")).ends, None);
    }

    #[test]
    fn months_go_back_to_the_same_day_or_the_last() {
        let date = |text: &str| text.parse::<BusinessDate>().expect("valid");
        for (from, months, to) in [
            ("2026-10-12", 6, "2026-04-12"),
            ("2026-05-31", 6, "2025-11-30"),
            ("2026-08-31", 6, "2026-02-28"),
            ("2024-08-29", 6, "2024-02-29"),
            ("2026-03-01", 3, "2025-12-01"),
            ("2026-10-12", 0, "2026-10-12"),
        ] {
            assert_eq!(months_earlier(date(from), months), Some(date(to)), "{from} {months}");
        }
        assert_eq!(months_earlier(date("2026-10-12"), u64::MAX), None);
    }
}
