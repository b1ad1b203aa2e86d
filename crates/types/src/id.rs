//! Typed 128-bit ids: 48 bits of milliseconds, then 80 bits of chance or of a digest.
//!
//! Time-ordered ids keep indexes append-mostly. An id derived from a caller's key
//! ([`OrderId::derive`]) is the same on every retry, which is what makes a step idempotent.

use crate::{Random, Timestamp};

/// Why a text is no id of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no id of the form {prefix}_ and 26 characters of 0-9 a-z without i l o u")]
pub struct IdError {
    /// The text as given (cut to 40 characters).
    pub text: String,
    /// The prefix the type has.
    pub prefix: &'static str,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn encode(prefix: &str, value: u128) -> String {
    let mut out = String::with_capacity(prefix.len().saturating_add(27));
    out.push_str(prefix);
    out.push('_');
    for place in (0..26u32).rev() {
        let digit = (value >> place.saturating_mul(5)) & 31;
        let index = usize::try_from(digit).unwrap_or_default();
        out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
    }
    out
}

fn decode(prefix: &'static str, text: &str) -> Result<u128, IdError> {
    let error = || IdError { text: text.chars().take(40).collect(), prefix };
    let digits = text.strip_prefix(prefix).and_then(|t| t.strip_prefix('_')).ok_or_else(error)?;
    // Twenty-six digits carry 130 bits: the first may not exceed 7.
    if digits.len() != 26 || digits.as_bytes().first().is_some_and(|b| *b > b'7') {
        return Err(error());
    }
    digits.bytes().try_fold(0u128, |value, byte| {
        let digit = ALPHABET.iter().position(|b| *b == byte).ok_or_else(error)?;
        Ok((value << 5) | u128::try_from(digit).unwrap_or_default())
    })
}

fn timed(at: Timestamp, tail: [u8; 16]) -> u128 {
    let millis = u128::from(at.as_millis().unsigned_abs()) & 0xFFFF_FFFF_FFFF;
    (millis << 80) | (u128::from_be_bytes(tail) & ((1 << 80) - 1))
}

macro_rules! typed_id {
    ($(#[$doc:meta] $name:ident = $prefix:literal;)+) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What its text form starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id with exactly these bits.
            pub const fn from_u128(value: u128) -> Self {
                Self(value)
            }

            /// Its bits.
            pub const fn as_u128(self) -> u128 {
                self.0
            }

            /// A new id of this moment.
            pub fn random(at: Timestamp, random: &dyn Random) -> Self {
                let mut tail = [0; 16];
                random.fill(&mut tail);
                Self(timed(at, tail))
            }

            /// The id that these parts always give: same moment, same parts, same id.
            pub fn derive(at: Timestamp, parts: &[&[u8]]) -> Self {
                Self(timed(at, digest($prefix, parts)))
            }

            /// The id that these parts always give, whatever the moment.
            pub fn of(parts: &[&[u8]]) -> Self {
                Self(u128::from_be_bytes(digest($prefix, parts)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                decode($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

/// Each part is led by its length, so that ("ab","c") and ("a","bc") differ.
fn digest(scope: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(scope.as_bytes()).chain(parts.iter().copied()) {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}

typed_id! {
    /// One natural person or organisation (客户).
    CustomerId = "cus";
    /// A registration (用户).
    UserId = "usr";
    /// A key bound to a device (设备密钥).
    DeviceKeyId = "dky";
    /// A merchant: an organisation customer that is paid (商户).
    MerchantId = "mch";
    /// A ledger account (账户).
    AccountId = "acc";
    /// A ledger transaction (凭证).
    TransactionId = "txn";
    /// A hold (冻结单): the pending ledger transaction that made it.
    HoldId = "hld";
    /// An order (订单).
    OrderId = "ord";
    /// A user id in a business system, bound to a user (业务会员).
    BusinessUserId = "biz";
    /// A business system or an app that signs its users in here (接入系统).
    ClientId = "cli";
    /// What a user has let a client do (授权).
    GrantId = "grt";
    /// An entry of the freeze register (登记簿).
    RegisterEntryId = "reg";
    /// A risk decision.
    DecisionId = "dec";
    /// A settlement batch.
    BatchId = "bat";
    /// A reconciliation run.
    RunId = "run";
    /// A break (差错).
    BreakId = "brk";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_keeps_order() {
        let early = OrderId::derive(Timestamp::from_millis(1), &[b"m", b"1"]);
        let late = OrderId::derive(Timestamp::from_millis(2), &[b"m", b"1"]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        let max = OrderId::from_u128(u128::MAX);
        assert_eq!(max.to_string().parse(), Ok(max));
    }

    #[test]
    fn other_texts_are_refused() {
        let id = OrderId::of(&[b"x"]).to_string();
        let other = id.replace("ord_", "usr_");
        for text in [
            "",
            "ord_",
            &other,
            &id.to_uppercase(),
            &format!("{id}0"),
            "ord_80000000000000000000000000",
        ] {
            assert!(text.parse::<OrderId>().is_err(), "{text}");
        }
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(OrderId::of(&[b"ab", b"c"]), OrderId::of(&[b"a", b"bc"]));
        assert_ne!(OrderId::of(&[b"a"]).as_u128(), UserId::of(&[b"a"]).as_u128());
    }
}
