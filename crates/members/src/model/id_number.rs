//! Identity document numbers: form, checksum (GB 11643-1999), birth date, age.

use super::realname::IdType;
use types::{BusinessDate, Masked};

/// Why a number is none of its document type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// Not 17 digits and a digit or `X`.
    #[error("it is not 17 digits followed by a digit or X")]
    Form,
    /// The first two digits are no province.
    #[error("its first two digits are no region that issues such documents")]
    Region,
    /// Digits 7 to 14 are no date from 1900 on, or one in the future.
    #[error("its digits 7 to 14 are no birth date")]
    BirthDate,
    /// The last character does not follow from the others.
    #[error("its check character does not follow from the other seventeen")]
    Checksum,
    /// Not `H` or `M` with eight digits, or ten.
    #[error("it is not H or M followed by eight digits, or ten")]
    HongKongMacau,
    /// Neither eight digits nor ten and a letter.
    #[error("it is neither eight digits nor ten digits and a letter")]
    Taiwan,
    /// Not five to nine letters and digits.
    #[error("it is not five to nine letters and digits, with at least one digit")]
    Passport,
}

impl IdNumberError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form | Self::Region | Self::BirthDate | Self::Checksum => "id_number_invalid",
            Self::HongKongMacau | Self::Taiwan => "permit_number_invalid",
            Self::Passport => "passport_number_invalid",
        }
    }
}

/// A document number whose form has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdNumber {
    /// Kind of document.
    pub id_type: IdType,
    /// The number, upper case.
    pub number: Masked,
    /// Birth date, where the number carries one.
    pub born: Option<BusinessDate>,
}

/// Two-digit region codes of GB/T 2260 that resident identity cards carry.
const PROVINCES: [&str; 31] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
];
/// Residence permits of Hong Kong (81), Macau (82) and Taiwan (83) residents.
const PERMIT_REGIONS: [&str; 3] = ["81", "82", "83"];
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: &[u8; 11] = b"10X98765432";

/// The check character of seventeen digits (GB 11643-1999, ISO 7064 MOD 11-2).
pub fn check_character(first_seventeen: &str) -> Option<char> {
    let bytes = first_seventeen.as_bytes();
    if bytes.len() != WEIGHTS.len() || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')).saturating_mul(weight))
        .sum();
    let index = usize::try_from(sum % 11).ok()?;
    CHECK.get(index).copied().map(char::from)
}

impl IdNumber {
    /// Checks a number as its holder wrote it; `today` bounds the birth date.
    pub fn parse(
        id_type: IdType,
        number: &Masked,
        today: BusinessDate,
    ) -> Result<Self, IdNumberError> {
        // Read in the clear only to check its form; what is kept is masked again.
        let text = number.expose().to_ascii_uppercase();
        let born = match id_type {
            IdType::ResidentId => Some(gb11643(&text, &PROVINCES, today)?),
            IdType::ResidencePermit => Some(gb11643(&text, &PERMIT_REGIONS, today)?),
            // The two digits more count the replacements of a card.
            IdType::HongKongMacauPermit if lettered_digits(&text, b"HM", &[8, 10]) => None,
            IdType::HongKongMacauPermit => return Err(IdNumberError::HongKongMacau),
            IdType::TaiwanPermit if digits_of(&text, &[8]) || taiwan_ten(&text) => None,
            IdType::TaiwanPermit => return Err(IdNumberError::Taiwan),
            IdType::Passport if passport(&text) => None,
            IdType::Passport => return Err(IdNumberError::Passport),
        };
        Ok(Self { id_type, number: Masked::new(text), born })
    }

    /// The part of the number that stays the holder's. The two digits behind a Hong Kong and Macau
    /// permit's nine characters only count how often the card was replaced.
    pub fn of_holder(&self) -> Masked {
        let text = self.number.expose();
        match self.id_type {
            IdType::HongKongMacauPermit => Masked::new(text.get(..9).unwrap_or(text)),
            IdType::ResidentId
            | IdType::ResidencePermit
            | IdType::TaiwanPermit
            | IdType::Passport => self.number.clone(),
        }
    }

    /// Full years lived on `today`; `None` where the number carries no birth date.
    pub fn age(&self, today: BusinessDate) -> Option<u32> {
        self.born.map(|born| years_between(born, today))
    }
}

/// Full years from `born` to `today`; someone born on 29 February has the birthday on 1 March in
/// other years. Zero before birth.
pub fn years_between(born: BusinessDate, today: BusinessDate) -> u32 {
    let (born, today) = (born.civil(), today.civil());
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    let years = today.year().saturating_sub(born.year()).saturating_sub(i16::from(!had_birthday));
    u32::try_from(years).unwrap_or(0)
}

/// The number of any country's passport: the machine-readable line has nine places for it (ICAO
/// Doc 9303, part 4).
fn passport(text: &str) -> bool {
    (5..=9).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().any(|b| b.is_ascii_digit())
}

fn digits_of(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn lettered_digits(text: &str, letters: &[u8], lengths: &[usize]) -> bool {
    let (head, rest) = (text.as_bytes().first(), text.get(1..).unwrap_or_default());
    head.is_some_and(|b| letters.contains(b)) && digits_of(rest, lengths)
}

/// The older form: ten digits and a letter.
fn taiwan_ten(text: &str) -> bool {
    text.len() == 11
        && text.bytes().take(10).all(|b| b.is_ascii_digit())
        && text.bytes().last().is_some_and(|b| b.is_ascii_uppercase())
}

fn gb11643(
    text: &str,
    regions: &[&str],
    today: BusinessDate,
) -> Result<BusinessDate, IdNumberError> {
    let last = text.bytes().last().unwrap_or_default();
    let form = text.len() == 18
        && text.bytes().take(17).all(|b| b.is_ascii_digit())
        && (last.is_ascii_digit() || last == b'X');
    if !form {
        return Err(IdNumberError::Form);
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    if !regions.contains(&part(0, 2)) {
        return Err(IdNumberError::Region);
    }
    let number = |from, to| part(from, to).parse::<i16>().map_err(|_| IdNumberError::BirthDate);
    let small = |n: i16| i8::try_from(n).map_err(|_| IdNumberError::BirthDate);
    let born = BusinessDate::new(number(6, 10)?, small(number(10, 12)?)?, small(number(12, 14)?)?)
        .map_err(|_| IdNumberError::BirthDate)?;
    if born.civil().year() < 1900 || born > today {
        return Err(IdNumberError::BirthDate);
    }
    if check_character(part(0, 17)) != Some(char::from(last)) {
        return Err(IdNumberError::Checksum);
    }
    Ok(born)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> BusinessDate {
        "2026-10-12".parse().expect("valid")
    }

    fn check(id_type: IdType, number: &str) -> Result<IdNumber, IdNumberError> {
        IdNumber::parse(id_type, &Masked::new(number), today())
    }

    #[test]
    fn the_standards_own_examples_hold() {
        // Both numbers stand as examples in GB 11643-1999, annex.
        assert_eq!(check_character("11010519491231002"), Some('X'));
        assert_eq!(check_character("44052418800101001"), Some('4'));
        assert_eq!(check_character("1101051949123100"), None);
        assert_eq!(check_character("1101051949123100a"), None);
    }

    #[test]
    fn every_boundary_of_a_resident_number() {
        use IdNumberError::{BirthDate, Checksum, Form, Region};
        let table = [
            ("11010519491231002X", Ok("1949-12-31")),
            ("11010519491231002x", Ok("1949-12-31")),
            ("110105194912310021", Err(Checksum)),
            ("11010519491231003X", Err(Checksum)),
            ("1101051949123100X2", Err(Form)),
            ("11010519491231002", Err(Form)),
            ("11010519491231002XX", Err(Form)),
            ("11010519491231００2X", Err(Form)),
            ("", Err(Form)),
            ("010105194912310029", Err(Region)),
            ("160105194912310029", Err(Region)),
            ("810000199408230021", Err(Region)),
            ("440524188001010014", Err(BirthDate)),
            ("110105194902300021", Err(BirthDate)),
            ("110105194913010021", Err(BirthDate)),
            ("110105202610130021", Err(BirthDate)),
        ];
        for (number, expected) in table {
            let got = check(IdType::ResidentId, number)
                .map(|id| id.born.map(|b| b.to_string()).unwrap_or_default());
            assert_eq!(got, expected.map(str::to_owned), "{number}");
        }
    }

    #[test]
    fn any_single_wrong_digit_is_found() {
        // ISO 7064 MOD 11-2 finds every single error and every swap of neighbours.
        let good = "11010519900307001";
        let check_char = check_character(good).expect("digits");
        for place in 0..17 {
            for digit in b'0'..=b'9' {
                let mut bytes = good.as_bytes().to_vec();
                if bytes[place] == digit {
                    continue;
                }
                bytes[place] = digit;
                let changed = String::from_utf8(bytes).expect("ascii");
                assert_ne!(check_character(&changed), Some(check_char), "{changed}");
            }
        }
    }

    #[test]
    fn born_today_is_the_latest_birth_date() {
        let base = "11010520261012002";
        let number = format!("{base}{}", check_character(base).expect("digits"));
        assert_eq!(check(IdType::ResidentId, &number).expect("valid").age(today()), Some(0));
    }

    #[test]
    fn other_documents_by_their_form() {
        let table = [
            (IdType::HongKongMacauPermit, "H12345678", true),
            (IdType::HongKongMacauPermit, "m1234567890", true),
            (IdType::HongKongMacauPermit, "X12345678", false),
            (IdType::HongKongMacauPermit, "H1234567", false),
            (IdType::TaiwanPermit, "12345678", true),
            (IdType::TaiwanPermit, "1234567890B", true),
            (IdType::TaiwanPermit, "1234567", false),
            (IdType::Passport, "E12345678", true),
            (IdType::Passport, "E123", false),
            (IdType::Passport, "EA1234567", true),
            (IdType::Passport, "e1234", true),
            (IdType::Passport, "EABCDEFGH", false),
            (IdType::Passport, "E123456789", false),
            (IdType::HongKongMacauPermit, "H123456789", false),
            (IdType::TaiwanPermit, "12345678901", false),
            (IdType::Passport, "E1234-678", false),
        ];
        for (id_type, number, holds) in table {
            assert_eq!(check(id_type, number).is_ok(), holds, "{number}");
        }
        let base = "81000019940823002";
        let permit = format!("{base}{}", check_character(base).expect("digits"));
        assert!(check(IdType::ResidencePermit, &permit).is_ok());
    }

    #[test]
    fn a_replaced_permit_is_the_same_holders() {
        let holder = |number: &str| {
            let id = check(IdType::HongKongMacauPermit, number).expect("valid");
            id.of_holder().expose().to_owned()
        };
        assert_eq!(holder("H1234567802"), "H12345678");
        assert_eq!(holder("h12345678"), holder("H1234567800"));
        assert_ne!(holder("M12345678"), holder("H12345678"));
        let passport = check(IdType::Passport, "E12345678").expect("valid");
        assert_eq!(passport.of_holder().expose(), "E12345678");
    }

    #[test]
    fn age_turns_on_the_birthday() {
        let date = |text: &str| text.parse::<BusinessDate>().expect("valid");
        for (born, today, age) in [
            ("2010-10-12", "2026-10-11", 15),
            ("2010-10-12", "2026-10-12", 16),
            ("2008-02-29", "2026-02-28", 17),
            ("2008-02-29", "2026-03-01", 18),
            ("2026-10-12", "2026-10-11", 0),
        ] {
            assert_eq!(years_between(date(born), date(today)), age, "{born} {today}");
        }
    }
}
