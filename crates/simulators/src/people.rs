//! Made-up people and organisations whose numbers have the right check characters.

use members::{CardClaim, Class, Further, IdType, RealNameClaim};
use types::Masked;

/// A document number of the person with this serial.
fn id_number(serial: u32) -> String {
    let body = format!("110101{}0307{:03}", 1960 + serial % 40, serial / 40 + 1);
    let check = members::model::id_number::check_character(&body).expect("seventeen digits");
    format!("{body}{check}")
}

/// A debit card of one of two banks.
fn card(bank: &str, serial: u32) -> String {
    let body = format!("{bank}{serial:012}");
    let double = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let digits = body.chars().rev().map(|c| c.to_digit(10).unwrap_or_default());
    let sum: u32 = digits.enumerate().map(|(n, d)| if n % 2 == 0 { double(d) } else { d }).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// The phone of the person with this serial.
pub fn phone(serial: u32) -> Masked {
    Masked::new(format!("138{:08}", 10_000_000 + serial))
}

/// What the person with this serial claims to be.
pub fn claim(serial: u32, wanted: Class) -> RealNameClaim {
    let cards = ["622202", "622848"]
        .map(|bank| CardClaim { number: Masked::new(card(bank, serial)), phone: phone(serial) });
    RealNameClaim {
        name: Masked::new("王小强"),
        id_type: IdType::ResidentId,
        id_number: Masked::new(id_number(serial)),
        cards: cards.to_vec(),
        further: Further::default(),
        wanted,
    }
}

/// The social credit code of the organisation with this serial.
pub fn uscc(serial: u32) -> Masked {
    let body = format!("91110108MA{serial:07}");
    let check = members::model::uscc::check_character(&body).expect("seventeen characters");
    Masked::new(format!("{body}{check}"))
}
