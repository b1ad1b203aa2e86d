//! Decimal text to minor units and back, exactly.

use crate::{Amount, MoneyError};

fn malformed(text: &str, scale: u8, reason: &'static str) -> MoneyError {
    MoneyError::Malformed { text: text.chars().take(40).collect(), scale, reason }
}

/// Reads `12.34` as 1234 minor units of a scale-2 asset. Digits past the scale are accepted only
/// if they are zeros (statements write `0.06000`); signs, blanks, thousands separators and
/// scientific notation are refused.
pub fn parse_minor(text: &str, scale: u8) -> Result<Amount, MoneyError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed(text, scale, "the whole part is not digits"));
    }
    if text.ends_with('.') || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed(text, scale, "the fraction is not digits"));
    }
    let kept = fraction.len().min(usize::from(scale));
    let (kept, rest) = fraction.split_at(kept);
    if rest.bytes().any(|b| b != b'0') {
        return Err(malformed(text, scale, "it has more decimals than the asset"));
    }
    let padding = usize::from(scale).saturating_sub(kept.len());
    let digits = whole.bytes().chain(kept.bytes()).chain(std::iter::repeat_n(b'0', padding));
    let mut minor: u64 = 0;
    for digit in digits {
        minor = minor
            .checked_mul(10)
            .and_then(|m| m.checked_add(u64::from(digit.saturating_sub(b'0'))))
            .ok_or(MoneyError::TooLarge)?;
    }
    Amount::new(minor)
}

/// As [`parse_minor`], with an optional leading minus.
pub fn parse_signed_minor(text: &str, scale: u8) -> Result<i64, MoneyError> {
    match text.strip_prefix('-') {
        Some(positive) => {
            parse_minor(positive, scale).map(|a| a.signed().checked_neg().unwrap_or_default())
        }
        None => parse_minor(text, scale).map(Amount::signed),
    }
}

/// Writes minor units with the asset's decimals: `format_minor(-5, 2)` is `-0.05`.
pub fn format_minor(minor: i64, scale: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let scale = usize::from(scale);
    let digits = format!("{:0width$}", minor.unsigned_abs(), width = scale.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, minor) in
            [("0", 0), ("12.34", 1234), ("12.3", 1230), ("0.06000", 6), ("007.00", 700)]
        {
            assert_eq!(parse_minor(text, 2).map(Amount::minor), Ok(minor), "{text}");
        }
        assert_eq!(parse_signed_minor("-8.52000", 2), Ok(-852));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", ".5", "5.", "1e3", "+1", "-1", " 1", "1,000", "0.001", "１"] {
            assert!(matches!(parse_minor(text, 2), Err(MoneyError::Malformed { .. })), "{text}");
        }
        assert_eq!(parse_minor("99999999999999999999", 2), Err(MoneyError::TooLarge));
        assert!(parse_signed_minor("--1", 2).is_err());
    }

    #[test]
    fn text_and_back() {
        for minor in [0, 5, -5, 99, 100, -12345, i64::MAX] {
            assert_eq!(parse_signed_minor(&format_minor(minor, 2), 2), Ok(minor));
        }
        assert_eq!(format_minor(7, 0), "7");
    }
}
