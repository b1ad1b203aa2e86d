//! Bank card numbers: form and Luhn checksum (ISO/IEC 7812-1).

use types::Masked;

/// Why a text is no card number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Not 13 to 19 digits.
    #[error("it is not 13 to 19 digits")]
    Form,
    /// The last digit does not follow from the others.
    #[error("its check digit does not follow from the others (Luhn)")]
    Checksum,
}

/// The check digit that completes these digits (Luhn); `None` for anything but digits.
pub fn luhn_digit(body: &str) -> Option<char> {
    if body.is_empty() || !body.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            // From the right, every other digit is doubled and its digits added.
            match (place % 2 == 0, digit > 4) {
                (true, true) => digit.saturating_mul(2).saturating_sub(9),
                (true, false) => digit.saturating_mul(2),
                (false, _) => digit,
            }
        })
        .sum();
    char::from_digit(10u32.saturating_sub(sum % 10) % 10, 10)
}

/// Checks a card number.
pub fn check_card(number: &Masked) -> Result<(), CardError> {
    // Read in the clear only to compute its check digit.
    let text = number.expose();
    if !(13..=19).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CardError::Form);
    }
    let (body, last) = text.split_at(text.len().saturating_sub(1));
    if luhn_digit(body).is_some_and(|digit| last.starts_with(digit)) {
        Ok(())
    } else {
        Err(CardError::Checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_of_a_card_number() {
        for (number, expected) in [
            ("4111111111111111", Ok(())),
            ("4111111111111112", Err(CardError::Checksum)),
            ("4111111111111101", Err(CardError::Checksum)),
            ("79927398713", Err(CardError::Form)),
            ("0000000000000", Ok(())),
            ("000000000000", Err(CardError::Form)),
            ("00000000000000000000", Err(CardError::Form)),
            ("411111111111111a", Err(CardError::Form)),
            ("４111111111111111", Err(CardError::Form)),
            ("", Err(CardError::Form)),
        ] {
            assert_eq!(check_card(&Masked::new(number)), expected, "{number}");
        }
        // The textbook's example.
        assert_eq!(luhn_digit("7992739871"), Some('3'));
        assert_eq!(luhn_digit(""), None);
        assert_eq!(luhn_digit("12a"), None);
    }

    #[test]
    fn exactly_one_last_digit_fits_and_it_is_the_computed_one() {
        for body in ["621226020000001234", "622848001234567", "999999999999999999"] {
            let fitting: Vec<char> = ('0'..='9')
                .filter(|d| check_card(&Masked::new(format!("{body}{d}"))).is_ok())
                .collect();
            assert_eq!(fitting, luhn_digit(body).into_iter().collect::<Vec<_>>(), "{body}");
        }
    }
}
