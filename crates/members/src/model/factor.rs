//! What an order was authenticated by, and what that is worth (regulation.md, "Factors").

use super::class::FactorStrength;
use std::collections::BTreeSet;

/// Of what sort a factor is: two count as two only if they are of two sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactorKind {
    /// Something only the customer knows.
    Knowledge,
    /// Something only the customer has, that cannot be copied or used again.
    Possession,
    /// A feature of the body.
    Inherence,
}

/// One credential that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// The payment password.
    PaymentPassword,
    /// The gesture password.
    Gesture,
    /// A one-time code by message: the phone is there.
    MessageCode,
    /// A one-time code of an authenticator app.
    AppCode,
    /// A signature of a device key whose maker says that it cannot be copied.
    DeviceKey,
    /// A signature of a device key that nobody speaks for, or against which something speaks: it
    /// may pay, and counts for no limit.
    PlainDeviceKey,
    /// A fingerprint or face that a device verified before it signed, whose maker can be believed.
    Body,
    /// A signature under a digital certificate in the customer's name (电子签名).
    Certificate,
}

impl Factor {
    /// Every factor.
    pub const ALL: [Self; 8] = [
        Self::PaymentPassword,
        Self::Gesture,
        Self::MessageCode,
        Self::AppCode,
        Self::DeviceKey,
        Self::PlainDeviceKey,
        Self::Body,
        Self::Certificate,
    ];

    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PaymentPassword => "payment_password",
            Self::Gesture => "gesture",
            Self::MessageCode => "message_code",
            Self::AppCode => "app_code",
            Self::DeviceKey => "device_key",
            Self::PlainDeviceKey => "plain_device_key",
            Self::Body => "body",
            Self::Certificate => "certificate",
        }
    }

    /// Of what sort it is; `None` if it counts as no factor.
    pub const fn kind(self) -> Option<FactorKind> {
        match self {
            Self::PaymentPassword | Self::Gesture => Some(FactorKind::Knowledge),
            Self::MessageCode | Self::AppCode | Self::DeviceKey | Self::Certificate => {
                Some(FactorKind::Possession)
            }
            Self::Body => Some(FactorKind::Inherence),
            Self::PlainDeviceKey => None,
        }
    }

    /// Whether it stands at or above the payment password: what is enough where that is asked for.
    pub const fn is_strong(self) -> bool {
        matches!(self, Self::PaymentPassword | Self::DeviceKey | Self::Certificate)
    }

    /// Whether it is a digital certificate or an electronic signature, which lifts the day's limit
    /// to what was agreed.
    pub const fn is_certificate(self) -> bool {
        matches!(self, Self::Certificate)
    }
}

/// The factors of one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Factors(BTreeSet<Factor>);

impl Factors {
    /// How strongly the order was authenticated; it chooses the day's limit.
    pub fn strength(&self) -> FactorStrength {
        match self.kinds() {
            0 => FactorStrength::None,
            1 => FactorStrength::Single,
            _ if self.0.iter().any(|factor| factor.is_certificate()) => {
                FactorStrength::TwoWithSignature
            }
            _ => FactorStrength::Two,
        }
    }

    /// Of how many sorts they are.
    pub fn kinds(&self) -> usize {
        self.0.iter().filter_map(|factor| factor.kind()).collect::<BTreeSet<_>>().len()
    }

    /// Whether one of this sort is among them.
    pub fn has(&self, kind: FactorKind) -> bool {
        self.0.iter().any(|factor| factor.kind() == Some(kind))
    }

    /// Whether this one is among them.
    pub fn contains(&self, factor: Factor) -> bool {
        self.0.contains(&factor)
    }

    /// Whether one is among them that stands at or above the payment password.
    pub fn is_strong(&self) -> bool {
        self.0.iter().any(|factor| factor.is_strong())
    }

    /// Their words, joined by `+`; for an order's trail.
    pub fn words(&self) -> String {
        self.0.iter().map(|factor| factor.word()).collect::<Vec<_>>().join("+")
    }
}

impl Extend<Factor> for Factors {
    fn extend<I: IntoIterator<Item = Factor>>(&mut self, factors: I) {
        self.0.extend(factors);
    }
}

impl IntoIterator for Factors {
    type Item = Factor;
    type IntoIter = std::collections::btree_set::IntoIter<Factor>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Factor> for Factors {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> Self {
        Self(factors.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Factor::{
        AppCode, Body, Certificate, DeviceKey, Gesture, MessageCode, PaymentPassword,
        PlainDeviceKey,
    };

    #[test]
    fn two_of_one_sort_are_one() {
        let table: [(&[Factor], FactorStrength); 13] = [
            (&[], FactorStrength::None),
            (&[PaymentPassword], FactorStrength::Single),
            (&[PaymentPassword, PaymentPassword], FactorStrength::Single),
            (&[PaymentPassword, Gesture], FactorStrength::Single),
            (&[MessageCode, AppCode, DeviceKey], FactorStrength::Single),
            (&[Certificate], FactorStrength::Single),
            (&[PaymentPassword, MessageCode], FactorStrength::Two),
            (&[Gesture, AppCode], FactorStrength::Two),
            (&[DeviceKey, Body], FactorStrength::Two),
            (&[PlainDeviceKey], FactorStrength::None),
            (&[PlainDeviceKey, MessageCode], FactorStrength::Single),
            (&[Certificate, DeviceKey], FactorStrength::Single),
            (&[PaymentPassword, Certificate], FactorStrength::TwoWithSignature),
        ];
        for (shown, strength) in table {
            let factors: Factors = shown.iter().copied().collect();
            assert_eq!(factors.strength(), strength, "{shown:?}");
        }
        let factors: Factors = [MessageCode, PaymentPassword].into_iter().collect();
        assert_eq!(factors.words(), "payment_password+message_code");
    }

    #[test]
    fn what_stands_below_the_password_is_not_strong() {
        let strong = Factor::ALL.into_iter().filter(|factor| factor.is_strong());
        assert_eq!(strong.collect::<Vec<_>>(), [PaymentPassword, DeviceKey, Certificate]);
        let factors: Factors = [Gesture, AppCode, PlainDeviceKey, Body].into_iter().collect();
        assert!(!factors.is_strong() && factors.contains(Gesture) && !factors.contains(DeviceKey));
    }

    #[test]
    fn words_differ() {
        let words: BTreeSet<_> = Factor::ALL.iter().map(|factor| factor.word()).collect();
        assert_eq!(words.len(), Factor::ALL.len());
    }
}
