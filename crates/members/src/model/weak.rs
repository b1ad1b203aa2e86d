//! Which payment passwords are too easily guessed.

use super::id_number::IdNumber;
use types::{BusinessDate, Text};
use zeroize::Zeroizing;

/// What is known of a person that a password may not repeat.
#[derive(Debug, Default)]
pub struct Known<'a> {
    /// The phone.
    pub phone: Option<&'a str>,
    /// The identity document.
    pub identity: Option<&'a IdNumber>,
}

/// Guesses that people make first and no rule below finds.
const COMMON: [&str; 12] = [
    "112233", "223344", "332211", "521314", "131452", "520131", "147258", "258369", "159357",
    "147852", "100200", "168888",
];

/// Why this password is refused, if it is.
pub fn weakness(password: &str, known: &Known<'_>) -> Option<Text> {
    let bytes = password.as_bytes();
    if bytes.len() != 6 || !bytes.iter().all(u8::is_ascii_digit) {
        return Some(Text::new("it is not six digits", "不是六位数字"));
    }
    // Periods 1 to 3: 111111, 121212, 123123.
    if (1..=3).any(|period| bytes.iter().skip(period).eq(bytes.iter().take(6 - period))) {
        return Some(Text::new("it repeats itself", "数字重复"));
    }
    if is_run(bytes, 1) || is_run(bytes, 9) {
        return Some(Text::new("its digits follow one another", "数字连续"));
    }
    if COMMON.contains(&password) {
        return Some(Text::new("it is one of the first guesses", "属于常见密码"));
    }
    if known.phone.is_some_and(|phone| phone.contains(password)) {
        return Some(Text::new("it is a part of the phone number", "包含在手机号中"));
    }
    known.identity.and_then(|id| repeats_identity(password, id))
}

/// Whether every digit is the one before plus `step`, modulo ten.
fn is_run(bytes: &[u8], step: u8) -> bool {
    bytes.iter().zip(bytes.iter().skip(1)).all(|(a, b)| {
        a.saturating_sub(b'0').saturating_add(step) % 10 == b.saturating_sub(b'0') % 10
    })
}

fn repeats_identity(password: &str, id: &IdNumber) -> Option<Text> {
    // Read in the clear only to compare.
    if id.number.expose().contains(password) {
        return Some(Text::new("it is a part of the document number", "包含在证件号码中"));
    }
    let is_birthday = birthdays(id).iter().any(|date| date.as_str() == password);
    is_birthday.then(|| Text::new("it is the birthday", "与生日相同"))
}

/// The ways in which six digits say when somebody was born.
fn birthdays(id: &IdNumber) -> Vec<Zeroizing<String>> {
    let Some(born) = id.born.map(BusinessDate::civil) else { return Vec::new() };
    let (year, month, day) = (born.year().rem_euclid(100), born.month(), born.day());
    let orders = [
        format!("{year:02}{month:02}{day:02}"),
        format!("{day:02}{month:02}{year:02}"),
        format!("{month:02}{day:02}{year:02}"),
        format!("{:04}{month:02}", born.year()),
        format!("{month:02}{:04}", born.year()),
    ];
    orders.into_iter().map(Zeroizing::new).collect()
}

/// Every password that repeats a document: to be tried against one that was set before the document
/// was known.
pub fn of_identity(id: &IdNumber) -> Vec<Zeroizing<String>> {
    let text = id.number.expose();
    let places = 0..text.len().saturating_sub(5);
    let parts = places.filter_map(|place| text.get(place..place.saturating_add(6)));
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    let mut all = birthdays(id);
    all.extend(parts.filter(digits).map(|part| Zeroizing::new(part.to_owned())));
    all.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::realname::IdType;
    use super::*;
    use types::Masked;

    #[test]
    fn every_rule_at_its_boundary() {
        let today = "2026-10-12".parse().expect("valid");
        let number = Masked::new("11010519491231002X");
        let id = IdNumber::parse(IdType::ResidentId, &number, today).expect("valid");
        let known = Known { phone: Some("13287654395"), identity: Some(&id) };
        for (password, reason) in [
            ("12345", Some("not six digits")),
            ("1234567", Some("not six digits")),
            ("12a456", Some("not six digits")),
            ("１23456", Some("not six digits")),
            ("", Some("not six digits")),
            ("111111", Some("repeats")),
            ("121212", Some("repeats")),
            ("123123", Some("repeats")),
            ("123124", None),
            ("123456", Some("follow")),
            ("567890", Some("follow")),
            ("210987", Some("follow")),
            ("123457", None),
            ("147258", Some("first guesses")),
            ("328765", Some("phone")),
            ("328766", None),
            ("010519", Some("document")),
            ("491231", Some("document")),
            ("311249", Some("birthday")),
            ("123149", Some("birthday")),
            ("121949", Some("birthday")),
            ("311248", None),
            ("830592", None),
        ] {
            let got = weakness(password, &known).map(|t| t.en);
            match (reason, &got) {
                (None, None) => {}
                (Some(part), Some(text)) => assert!(text.contains(part), "{password}: {text}"),
                _ => panic!("{password}: {got:?}"),
            }
        }
    }

    #[test]
    fn what_repeats_a_document_is_just_what_is_refused_for_it() {
        let today = "2026-10-12".parse().expect("valid");
        let number = Masked::new("11010519491231002X");
        let id = IdNumber::parse(IdType::ResidentId, &number, today).expect("valid");
        let known = Known { phone: None, identity: Some(&id) };
        let all = of_identity(&id);
        assert_eq!(all.len(), 15, "twelve parts in digits, and three birthdays that are none");
        assert!(all.iter().all(|guess| weakness(guess, &known).is_some()));
    }

    #[test]
    fn nothing_known_still_refuses_the_common() {
        assert!(weakness("888888", &Known::default()).is_some());
        assert!(weakness("491231", &Known::default()).is_none());
    }
}
