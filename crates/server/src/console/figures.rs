//! Numbers and moments as people read them.

use types::Timestamp;

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len().saturating_mul(4) / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Fen as yuan: `1,234,567.89`, with a true minus sign.
pub(super) fn money(minor: impl Into<i128>) -> String {
    scaled(minor.into(), 2)
}

/// An amount whose minor unit has this many decimals.
pub(super) fn scaled(minor: i128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{:0>1$}", minor.unsigned_abs(), decimals.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    let sign = if minor < 0 { "−" } else { "" };
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// As [`money`], nothing for zero: columns are easier to read so.
pub(super) fn money_or_blank(minor: impl Into<i128>) -> String {
    let minor = minor.into();
    if minor == 0 { String::new() } else { money(minor) }
}

/// `12,345`.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// `98.7 %`; a dash where there is nothing to divide by.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let permille = u128::from(part).saturating_mul(1_000).checked_div(u128::from(whole));
    permille.map_or_else(|| "–".to_owned(), |p| format!("{}.{} %", p / 10, p % 10))
}

/// `2026-10-12 09:30:00`, in Shanghai.
pub(super) fn moment(at: Timestamp) -> String {
    format!("{:.0}", at.civil()).replace('T', " ")
}

/// `09:30:00.123`, in Shanghai.
pub(super) fn clock_time(at: Timestamp) -> String {
    format!("{:.3}", at.civil().time())
}

/// `2026-10-12 09:30:00.123456`, in Shanghai.
pub(super) fn exact(at: Timestamp) -> String {
    format!("{:.6}", at.civil()).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_signed() {
        for (minor, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "−0.05"),
            (100, "1.00"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (-123_456_789, "−1,234,567.89"),
            (i128::from(i64::MAX), "92,233,720,368,547,758.07"),
        ] {
            assert_eq!(money(minor), text);
        }
        assert_eq!(
            (money_or_blank(0), scaled(-7, 0), scaled(7, 3)),
            (String::new(), "−7".to_owned(), "0.007".to_owned())
        );
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn a_share_of_nothing_is_a_dash() {
        assert_eq!(percent(0, 0), "–");
        assert_eq!(percent(2, 3), "66.6 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0 %");
    }

    #[test]
    fn moments_are_those_of_shanghai() {
        let at = Timestamp::parse("2026-10-12T01:30:00.123456Z").expect("valid");
        assert_eq!(moment(at), "2026-10-12 09:30:00");
        assert_eq!(exact(at), "2026-10-12 09:30:00.123456");
        assert_eq!(clock_time(at), "09:30:00.123");
    }
}
