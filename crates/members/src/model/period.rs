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
}
