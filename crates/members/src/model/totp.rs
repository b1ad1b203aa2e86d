//! Time-based one-time passwords (RFC 6238): six digits, steps of 30 seconds, HMAC-SHA-1, as every
//! authenticator app computes them.

use aws_lc_rs::hmac;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use types::{Masked, Timestamp};

/// Bytes of a secret: what HMAC-SHA-1 makes full use of (RFC 4226, section 4).
pub const SECRET: usize = 20;
/// Seconds a code is good for.
const STEP_SECONDS: i64 = 30;
/// How many steps a clock may be off, either way.
const DRIFT: i64 = 1;
/// Base32's digits (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code of a secret in one step.
pub fn code(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 15);
    let four = bytes.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    let number = u32::from_be_bytes(four.copied().unwrap_or_default()) & 0x7fff_ffff;
    number % 1_000_000
}

/// The step in which `given` is the code, within the drift; looks at every step whatever it finds.
pub fn step_of(secret: &[u8], given: u32, now: Timestamp) -> Option<i64> {
    let current = now.as_millis().div_euclid(STEP_SECONDS.saturating_mul(1_000));
    let (mut found, mut at) = (Choice::from(0), 0_i64);
    for step in current.saturating_sub(DRIFT)..=current.saturating_add(DRIFT) {
        let same = code(secret, step).ct_eq(&given);
        at.conditional_assign(&step, same);
        found |= same;
    }
    bool::from(found).then_some(at)
}

/// A secret as people type it, and the address that an app reads from a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTotp {
    /// Base32, without padding.
    pub secret: Masked,
    /// `otpauth://totp/...`.
    pub uri: Masked,
}

impl NewTotp {
    /// Of a secret; `account` is what the app shows beside the issuer, plain ASCII.
    pub(crate) fn of(secret: &[u8; SECRET], account: &str) -> Self {
        let secret = base32(secret);
        let uri = format!(
            "otpauth://totp/Countinghouse:{account}?secret={secret}&issuer=Countinghouse&period={STEP_SECONDS}&digits=6"
        );
        Self { secret: Masked::new(secret), uri: Masked::new(uri) }
    }
}

/// Base32 without padding; 20 bytes come out even.
fn base32(bytes: &[u8]) -> String {
    let bit = |place: usize| {
        let byte = bytes.get(place / 8).copied().unwrap_or_default();
        usize::from(byte >> (7 - place % 8) & 1)
    };
    let bits = bytes.len().saturating_mul(8);
    let digit = |first: usize| (first..first.saturating_add(5)).fold(0, |n, p| n * 2 + bit(p));
    let digits = (0..bits).step_by(5).map(digit);
    digits.filter_map(|n| BASE32.get(n)).map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, last_six) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(SEED, seconds / 30), last_six, "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off() {
        let now = at(1_111_111_111);
        let step = 1_111_111_111 / 30;
        for (off, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = step_of(SEED, code(SEED, step + off), now);
            assert_eq!(found, good.then_some(step + off), "{off}");
        }
        assert_eq!(step_of(&[0; 20], code(SEED, step), now), None, "another secret");
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        assert_eq!(base32(SEED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let new = NewTotp::of(SEED.try_into().expect("20 bytes"), "usr_1");
        let uri = "otpauth://totp/Countinghouse:usr_1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
            &issuer=Countinghouse&period=30&digits=6";
        assert_eq!(new.uri.expose(), uri);
    }
}
