//! What strangers send as document, card, credit code, phone, name and address: any text is refused
//! or means exactly one thing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use members::model::id_number::{IdNumber, check_character, years_between};
use members::model::realname::IdType;
use members::model::{card, text_forms, uscc};
use types::{BusinessDate, Masked};

const KINDS: [IdType; 5] = [
    IdType::ResidentId,
    IdType::ResidencePermit,
    IdType::HongKongMacauPermit,
    IdType::TaiwanPermit,
    IdType::Passport,
];

fn documents(text: &str, masked: &Masked, today: BusinessDate) {
    for kind in KINDS {
        let Ok(id) = IdNumber::parse(kind, masked, today) else { continue };
        assert_eq!(id.number.expose(), text.to_ascii_uppercase(), "one spelling");
        assert_eq!(IdNumber::parse(kind, &id.number, today).as_ref(), Ok(&id));
        if let Some(born) = id.born {
            assert!(born <= today, "born in the future");
            assert_eq!(id.age(today), Some(years_between(born, today)));
            let (body, last) = id.number.expose().split_at(17);
            assert_eq!(check_character(body), last.chars().next());
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (masked, today) = (Masked::new(text), BusinessDate::from_days(20_738));
    documents(text, &masked, today);
    if card::check_card(&masked).is_ok() {
        let (body, last) = text.split_at(text.len() - 1);
        assert_eq!(card::luhn_digit(body), last.chars().next());
    }
    if uscc::check_uscc(&masked).is_ok() {
        let (body, last) = text.split_at(17);
        assert_eq!(uscc::check_character(body), last.chars().next());
    }
    for formed in
        [text_forms::is_phone(text), text_forms::is_email(text), text_forms::is_login_name(text)]
    {
        assert!(!formed || (text.is_ascii() && !text.contains(char::is_control)));
    }
    if let Some(name) = text_forms::canonical_name(text) {
        assert_eq!(text_forms::canonical_name(&name).as_deref(), Some(name.as_str()));
    }
});
