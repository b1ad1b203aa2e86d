//! Everything a stranger can send as a name, document, card, phone or credit code: refused with its
//! code and field, or taken in one spelling.

use crate::support::{House, card, claim, code, id_number, noon, phone};
use members::model::card::{check_card, luhn_digit};
use members::model::id_number::{IdNumber, check_character};
use members::model::text_forms::{canonical_name, is_email, is_login_name, is_phone};
use members::model::uscc::check_uscc;
use members::{
    CardClaim, Class, Cycle, Further, IdType, NewMerchant, RealNameClaim, RealNameOutcome,
};
use testkit::SeededRandom;
use types::{Masked, Problem, Random as _, Text};

/// A resident number of this birth date, its check character right.
fn born(date: &str) -> String {
    let body = format!("110105{date}002");
    format!("{body}{}", check_character(&body).expect("digits"))
}

#[tokio::test]
async fn every_fault_of_a_claim_is_named_with_its_field() {
    let house = House::open().await;
    let user = house.register(1).await;
    let good = id_number(1);
    let number =
        |text: String| RealNameClaim { id_number: Masked::new(text), ..claim(1, Class::I) };
    let named = |text: &str| RealNameClaim { name: Masked::new(text), ..claim(1, Class::I) };
    let with = |number: String, phone: &str| {
        let card = CardClaim { number: Masked::new(number), phone: Masked::new(phone) };
        RealNameClaim { cards: vec![card], ..claim(1, Class::II) }
    };
    let sound = || card(1, 0).number.expose().to_owned();
    let mut cases: Vec<(RealNameClaim, &str, &str)> = Vec::new();
    // Each of the ten wrong check characters.
    for last in "0123456789X".chars().filter(|c| !good.ends_with(*c)) {
        cases.push((number(format!("{}{last}", &good[..17])), "id_number_invalid", "id_number"));
    }
    // Dates that no calendar has, before 1900, and after today (2026-10-12).
    for date in [
        "19900230", "19900431", "19901301", "19900001", "19900100", "19000229", "18991231",
        "20261013",
    ] {
        cases.push((number(born(date)), "id_number_invalid", "id_number"));
    }
    for form in
        ["", "1", "11010519900307", "110105199003070015X", "１１０１０５１９９００３０７００１５"]
    {
        cases.push((number(form.to_owned()), "id_number_invalid", "id_number"));
    }
    // Who turns sixteen tomorrow is a minor still.
    cases.push((number(born("20101013")), "under_age", "id_number"));
    cases.push((number(born("20261012")), "under_age", "id_number"));
    for name in ["", "王", "王1", "<script>", "王\n强", &"王".repeat(51)] {
        cases.push((named(name), "name_invalid", "name"));
    }
    // Each of the nine wrong check digits of a card.
    for last in "0123456789".chars().filter(|c| !sound().ends_with(*c)) {
        let wrong = format!("{}{last}", &sound()[..sound().len() - 1]);
        cases.push((with(wrong, "13800000000"), "card_number_invalid", "cards.number"));
    }
    for form in ["", "62220200000000a1", "622202", "62220200000000000000000"] {
        cases.push((with(form.to_owned(), "13800000000"), "card_number_invalid", "cards.number"));
    }
    let unknown = format!("411111111111111{}", luhn_digit("411111111111111").expect("digits"));
    cases.push((with(unknown, "13800000000"), "card_issuer_unknown", "cards.number"));
    for form in ["", "12800000000", "1380000000", "138000000000", "1380000000a"] {
        cases.push((with(sound(), form), "phone_invalid", "cards.phone"));
    }
    for (id_type, text, code) in [
        (IdType::HongKongMacauPermit, "X12345678", "permit_number_invalid"),
        (IdType::HongKongMacauPermit, "H123456789", "permit_number_invalid"),
        (IdType::TaiwanPermit, "1234567", "permit_number_invalid"),
        (IdType::Passport, "E12", "passport_number_invalid"),
        (IdType::Passport, "E123456789", "passport_number_invalid"),
        (IdType::Passport, "ABCDEFGHI", "passport_number_invalid"),
        (IdType::ResidencePermit, good.as_str(), "id_number_invalid"),
    ] {
        cases.push((RealNameClaim { id_type, ..number(text.to_owned()) }, code, "id_number"));
    }
    let more = |further: Further| RealNameClaim { further, ..claim(1, Class::I) };
    let bad = || Some(Masked::new("a b"));
    let none = Further::default;
    for (further, code, field) in [
        (Further { mobile: bad(), ..none() }, "phone_invalid", "further.mobile"),
        (Further { live_face: bad(), ..none() }, "evidence_invalid", "further.live_face"),
        (
            Further { utility_account: bad(), ..none() },
            "evidence_invalid",
            "further.utility_account",
        ),
        (
            Further { housing_fund_account: bad(), ..none() },
            "evidence_invalid",
            "further.housing_fund_account",
        ),
        (Further { tax_record: bad(), ..none() }, "evidence_invalid", "further.tax_record"),
    ] {
        cases.push((more(further), code, field));
    }
    for (claim, code, field) in cases {
        let shown = format!("{:?} {}", claim.id_number.expose(), claim.name.expose());
        let refused = house.members.verify_real_name(user, claim, noon()).await;
        let problem = Problem::from(refused.expect_err(&shown));
        assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{shown}");
        assert!(!problem.reason.en.is_empty() && !problem.reason.zh.is_empty(), "{shown}");
    }
    let asked: u64 = house.sims.iter().map(simulators::VerifierSimulator::checks).sum();
    assert_eq!(asked, 0, "no provider was paid for any of them");
    // Who turns sixteen today is none.
    let taken = house.members.verify_real_name(user, number(born("20101012")), noon()).await;
    assert!(matches!(taken, Ok(RealNameOutcome::Verified(_))), "{taken:?}");
}

#[tokio::test]
async fn every_wrong_check_character_of_a_credit_code_is_refused() {
    let house = House::open().await;
    let good = "91330100799655058B";
    for last in "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().filter(|c| !good.ends_with(*c)) {
        let new = NewMerchant {
            name: Text::new("Shop", "小店"),
            uscc: Masked::new(format!("{}{last}", &good[..17])),
            legal_name: None,
            fee_plan: "standard".to_owned(),
            cycle: Cycle::T1,
            advance_d0: false,
            webhook_url: None,
        };
        assert_eq!(code(house.members.register_merchant(new, noon()).await), "uscc_invalid");
    }
}

/// Texts near the forms and far from them: nothing panics, and what is taken is taken again in the
/// spelling it was given.
#[test]
fn any_text_is_refused_or_has_one_form() {
    let random = SeededRandom::new(2_026);
    let alphabet: Vec<char> =
        "0123456789XxABHMabz·•-' .@_/\u{0}\u{202e}１王强é\n".chars().collect();
    let byte = || {
        let mut one = [0; 1];
        random.fill(&mut one);
        usize::from(one[0])
    };
    let seeds = [id_number(1), phone(1).expose().to_owned(), "91330100799655058B".to_owned()];
    let today = noon().date();
    let mut taken = 0;
    for round in 0..60_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..byte() % 4 {
            let (place, c) = (byte() % (text.len() + 1), alphabet[byte() % alphabet.len()]);
            match byte() % 3 {
                0 => text.insert(place, c),
                1 if place < text.len() => text[place] = c,
                _ if place < text.len() => drop(text.remove(place)),
                _ => text.push(c),
            }
        }
        let text: String = text.into_iter().collect();
        let masked = Masked::new(text.clone());
        for id_type in [
            IdType::ResidentId,
            IdType::ResidencePermit,
            IdType::HongKongMacauPermit,
            IdType::TaiwanPermit,
            IdType::Passport,
        ] {
            if let Ok(id) = IdNumber::parse(id_type, &masked, today) {
                let again = IdNumber::parse(id_type, &id.number, today).expect("its own spelling");
                assert_eq!(again, id, "{text:?}");
                assert_eq!(id.number.expose(), text.to_ascii_uppercase());
                taken += 1;
            }
        }
        if let Some(name) = canonical_name(&text) {
            assert_eq!(canonical_name(&name).as_deref(), Some(name.as_str()), "{text:?}");
        }
        if check_card(&masked).is_ok() {
            assert!((13..=19).contains(&text.len()));
        }
        if check_uscc(&masked).is_ok() || is_phone(&text) || is_email(&text) || is_login_name(&text)
        {
            assert!(text.is_ascii() && !text.contains(char::is_control), "{text:?}");
            taken += 1;
        }
    }
    assert!(taken > 10_000, "the texts come near the forms: {taken}");
}
