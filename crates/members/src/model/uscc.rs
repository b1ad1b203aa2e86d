//! Unified social credit codes of organisations (统一社会信用代码, GB 32100-2015).

use types::Masked;

/// Why a text is no unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters of the standard's alphabet (no I, O, S, V, Z), region in digits.
    #[error("it is not 18 characters of 0-9 A-Z without I O S V Z, with digits at 3 to 8")]
    Form,
    /// The last character does not follow from the others.
    #[error("its check character does not follow from the other seventeen")]
    Checksum,
}

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Powers of three modulo 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

fn value(byte: u8) -> Option<u32> {
    ALPHABET.iter().position(|b| *b == byte).and_then(|p| u32::try_from(p).ok())
}

/// The check character of seventeen characters; `None` if they are not of the alphabet.
pub fn check_character(first_seventeen: &str) -> Option<char> {
    let bytes = first_seventeen.as_bytes();
    if bytes.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0u32;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum = sum.saturating_add(value(*byte)?.saturating_mul(weight));
    }
    let index = usize::try_from(31u32.saturating_sub(sum % 31) % 31).ok()?;
    ALPHABET.get(index).copied().map(char::from)
}

/// Checks a code; lower case is refused, as the standard writes capitals.
pub fn check_uscc(code: &Masked) -> Result<(), UsccError> {
    // Read in the clear only to compute its check character.
    let text = code.expose();
    let region_is_digits = text.bytes().skip(2).take(6).all(|b| b.is_ascii_digit());
    if text.len() != 18 || !text.bytes().all(|b| value(b).is_some()) || !region_is_digits {
        return Err(UsccError::Form);
    }
    let (body, last) = text.split_at(17);
    if check_character(body).is_some_and(|c| last.starts_with(c)) {
        Ok(())
    } else {
        Err(UsccError::Checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_of_a_code() {
        for (code, expected) in [
            // Codes that their holders print on every invoice: a shop and a search engine.
            ("91330100799655058B", Ok(())),
            ("91110000802100433B", Ok(())),
            ("91330100799655058C", Err(UsccError::Checksum)),
            ("91330100799655085B", Err(UsccError::Checksum)),
            ("91330100799655058b", Err(UsccError::Form)),
            ("9133010079965505", Err(UsccError::Form)),
            ("91330100799655058BB", Err(UsccError::Form)),
            ("91A30100799655058B", Err(UsccError::Form)),
            ("9133010079965505IB", Err(UsccError::Form)),
            ("", Err(UsccError::Form)),
        ] {
            assert_eq!(check_uscc(&Masked::new(code)), expected, "{code}");
        }
    }

    #[test]
    fn any_single_wrong_character_is_found() {
        let good = "91330100799655058";
        let check = check_character(good).expect("of the alphabet");
        for place in 0..17 {
            for byte in ALPHABET {
                let mut bytes = good.as_bytes().to_vec();
                if bytes[place] == *byte {
                    continue;
                }
                bytes[place] = *byte;
                let changed = String::from_utf8(bytes).expect("ascii");
                assert_ne!(check_character(&changed), Some(check), "{changed}");
            }
        }
    }

    #[test]
    fn the_weights_are_powers_of_three() {
        let mut power = 1;
        for weight in WEIGHTS {
            assert_eq!(weight, power);
            power = power * 3 % 31;
        }
    }
}
