//! What an order meets: drawn from the seed and its number alone.

use crate::chance::Chance;
use crate::config::Faults;

/// How the first answer about an order goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At once.
    Prompt,
    /// After the configured delay.
    Delayed,
    /// Never: the connection is held, then cut.
    Held,
    /// Never: the connection is cut at once.
    Cut,
    /// As `processing`.
    Processing,
    /// As a 500, before any work; the next request is served promptly.
    ErrorFirst,
}

/// What an order meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) declined: bool,
    pub(crate) manner: Manner,
}

/// The fate of the order of this number.
pub(crate) fn of(seed: u64, faults: &Faults, no: &str) -> Fate {
    let mut chance = Chance::of(seed, &["fate", no]);
    let declined = chance.below(1_000_000) < u64::from(faults.decline_ppm);
    let mut draw = chance.below(1_000_000);
    for (ppm, manner) in [
        (faults.delayed_ppm, Manner::Delayed),
        (faults.held_ppm, Manner::Held),
        (faults.cut_ppm, Manner::Cut),
        (faults.processing_ppm, Manner::Processing),
        (faults.server_error_ppm, Manner::ErrorFirst),
    ] {
        match draw.checked_sub(u64::from(ppm)) {
            None => return Fate { declined, manner },
            Some(rest) => draw = rest,
        }
    }
    Fate { declined, manner: Manner::Prompt }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(faults: &Faults, wanted: Manner) -> usize {
        (0..10_000).filter(|n| of(7, faults, &format!("o{n}")).manner == wanted).count()
    }

    #[test]
    fn rates_are_met_and_each_order_keeps_its_fate() {
        let faults = Faults {
            decline_ppm: 50_000,
            delayed_ppm: 100_000,
            held_ppm: 20_000,
            cut_ppm: 20_000,
            processing_ppm: 50_000,
            server_error_ppm: 10_000,
            ..Faults::default()
        };
        for (manner, least, most) in [
            (Manner::Delayed, 900, 1_100),
            (Manner::Held, 150, 250),
            (Manner::Cut, 150, 250),
            (Manner::Processing, 430, 570),
            (Manner::ErrorFirst, 70, 130),
        ] {
            let got = count(&faults, manner);
            assert!((least..=most).contains(&got), "{manner:?}: {got}");
        }
        let declined = (0..10_000).filter(|n| of(7, &faults, &format!("o{n}")).declined).count();
        assert!((430..=570).contains(&declined), "{declined}");
        assert_eq!(of(7, &faults, "o1"), of(7, &faults, "o1"));
        assert!(
            (0..100).any(|n| of(7, &faults, &format!("o{n}")) != of(8, &faults, &format!("o{n}")))
        );
    }

    #[test]
    fn nothing_and_everything() {
        assert_eq!(count(&Faults::default(), Manner::Prompt), 10_000);
        let all = Faults { held_ppm: 1_000_000, ..Faults::default() };
        assert_eq!(count(&all, Manner::Held), 10_000);
    }
}
