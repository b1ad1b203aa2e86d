//! What an app reports of its device, and what follows by the institution's rule (members.md,
//! "Device keys": root/jailbreak report).

use serde::{Deserialize, Serialize};

/// What the app says of its device: whether it was rooted or jailbroken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Integrity {
    /// It does not say.
    #[default]
    Unknown,
    /// It looked, and found nothing.
    Intact,
    /// Rooted or jailbroken: what runs there may press its own fingerprint.
    Compromised,
}

impl Integrity {
    const ALL: [Self; 3] = [Self::Unknown, Self::Intact, Self::Compromised];

    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Intact => "intact",
            Self::Compromised => "compromised",
        }
    }

    /// The integrity of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.word() == word)
    }

    /// What a signature is judged by, when this stands of the device and the app now reports that.
    /// A device once compromised stays so until its key is made anew: what runs there can have the
    /// app say anything. Otherwise the report counts, and an app that is silent reports nothing.
    #[must_use]
    pub const fn judged(self, reported: Self) -> Self {
        match self {
            Self::Compromised => Self::Compromised,
            Self::Unknown | Self::Intact => reported,
        }
    }
}

/// What a state does to the worth of a device key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateEffect {
    /// Nothing: the key is worth what else speaks for it.
    Count,
    /// The key stands below the payment password.
    Lower,
    /// The key is neither registered nor signs.
    Refuse,
}

/// What each state does; a device that is reported intact always counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceStateRule {
    /// Where the app does not say: every browser.
    pub unknown: StateEffect,
    /// Rooted or jailbroken.
    pub compromised: StateEffect,
}

impl Default for DeviceStateRule {
    fn default() -> Self {
        Self { unknown: StateEffect::Count, compromised: StateEffect::Lower }
    }
}

impl DeviceStateRule {
    /// What this state does.
    pub const fn effect(self, state: Integrity) -> StateEffect {
        match state {
            Integrity::Intact => StateEffect::Count,
            Integrity::Unknown => self.unknown,
            Integrity::Compromised => self.compromised,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Integrity::{Compromised, Intact, Unknown};

    #[test]
    fn a_report_counts_and_a_compromised_device_stays_so() {
        for (stood, reported, judged) in [
            (Unknown, Unknown, Unknown),
            (Unknown, Intact, Intact),
            (Intact, Unknown, Unknown),
            (Intact, Compromised, Compromised),
            (Compromised, Unknown, Compromised),
            (Compromised, Intact, Compromised),
        ] {
            assert_eq!(stood.judged(reported), judged, "{stood:?} {reported:?}");
        }
        for state in Integrity::ALL {
            assert_eq!(Integrity::of_word(state.word()), Some(state));
        }
        assert_eq!(Integrity::of_word("rooted"), None);
    }

    #[test]
    fn the_rule_says_what_a_state_does_and_intact_always_counts() {
        let strict =
            DeviceStateRule { unknown: StateEffect::Lower, compromised: StateEffect::Refuse };
        for (rule, unknown, compromised) in [
            (DeviceStateRule::default(), StateEffect::Count, StateEffect::Lower),
            (strict, StateEffect::Lower, StateEffect::Refuse),
        ] {
            assert_eq!(rule.effect(Intact), StateEffect::Count);
            assert_eq!((rule.effect(Unknown), rule.effect(Compromised)), (unknown, compromised));
        }
    }
}
