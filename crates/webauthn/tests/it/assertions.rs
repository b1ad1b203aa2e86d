//! Assertions: the right one, and each step of §7.2 with one thing wrong; payments and what was
//! shown of them.

use crate::support::{CHALLENGE, HANDLE, PAGE, SHOP, assert_for, party, registered, shown, terms};
use serde_json::json;
use webauthn::soft::Asserted;
use webauthn::{Assertion, Fault, Flags, Known, Payment, RelyingParty, Use};

#[test]
fn a_right_one_tells_what_was_seen() {
    let (mut device, key) = registered();
    let seen = assert_for(&key, &device.assert(&CHALLENGE), Use::Sign).expect("right");
    assert_eq!((seen.counter, seen.user_verified, seen.backed_up), (2, true, false));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (mut device, key) = registered();
    let made = device.assert(&CHALLENGE);
    assert!(assert_for(&key, &made, Use::Sign).is_ok());
    let mut refused = 0;
    for bit in 0..8 {
        for at in 0..made.signature.len() {
            let mut bent = made.clone();
            bent.signature[at] ^= 1 << bit;
            assert_eq!(assert_for(&key, &bent, Use::Sign), Err(Fault::Signature), "{at}.{bit}");
        }
        for at in 0..made.authenticator_data.len() {
            let mut bent = made.clone();
            bent.authenticator_data[at] ^= 1 << bit;
            assert!(assert_for(&key, &bent, Use::Sign).is_err(), "authenticator data {at}.{bit}");
            refused += 1;
        }
        for at in 0..made.client_data.len() {
            let mut bent = made.clone();
            bent.client_data[at] ^= 1 << bit;
            assert!(assert_for(&key, &bent, Use::Sign).is_err(), "client data {at}.{bit}");
        }
    }
    assert_eq!(refused, 8 * 37);
}

type Part = fn(&mut Asserted) -> &mut Vec<u8>;

#[test]
fn cut_at_every_byte_and_longer_by_one_it_is_refused() {
    let (mut device, key) = registered();
    let made = device.assert(&CHALLENGE);
    let parts: [Part; 3] = [
        |made| &mut made.client_data,
        |made| &mut made.authenticator_data,
        |made| &mut made.signature,
    ];
    for part in parts {
        let length = part(&mut made.clone()).len();
        for cut in 0..length {
            let mut bent = made.clone();
            part(&mut bent).truncate(cut);
            assert!(assert_for(&key, &bent, Use::Sign).is_err(), "cut to {cut} of {length}");
        }
        let mut bent = made.clone();
        part(&mut bent).push(0);
        assert!(assert_for(&key, &bent, Use::Sign).is_err(), "one byte more than {length}");
        part(&mut bent).resize(20_000, 0);
        assert!(assert_for(&key, &bent, Use::Sign).is_err(), "oversize");
    }
}

#[test]
fn signed_in_another_way_it_is_refused() {
    let (mut device, key) = registered();
    let good = device.client_data("webauthn.get", &CHALLENGE);
    let mut client = |member: &str, value: serde_json::Value| {
        let mut bent = good.clone();
        bent[member] = value;
        let made = device.assert_with(&bent);
        assert_for(&key, &made, Use::Sign)
    };
    for (member, value, fault) in [
        ("type", json!("webauthn.create"), Fault::Type),
        ("type", json!("payment.get"), Fault::Type),
        ("challenge", json!("WlpaWg"), Fault::Challenge),
        ("origin", json!("https://evil.example"), Fault::Origin),
        ("origin", json!("http://pay.example"), Fault::Origin),
        ("crossOrigin", json!(true), Fault::CrossOrigin),
        ("topOrigin", json!(PAGE), Fault::CrossOrigin),
    ] {
        assert_eq!(client(member, value.clone()), Err(fault), "{member}: {value}");
    }
    for (member, value) in [
        ("type", json!(1)),
        ("challenge", json!(null)),
        ("challenge", json!("not base64url!")),
        ("crossOrigin", json!("no")),
    ] {
        let refused = client(member, value.clone());
        assert!(matches!(refused, Err(Fault::ClientData(_))), "{member}: {value}: {refused:?}");
    }
}

#[test]
fn flags_party_and_backup_are_looked_at() {
    for (flags, fault) in [
        (Flags::VERIFIED, Fault::NotPresent),
        (Flags::PRESENT, Fault::NotVerified),
        (Flags::PRESENT | Flags::VERIFIED | Flags::BACKED_UP, Fault::Backup),
        // A key that was bound to its device became copyable.
        (Flags::PRESENT | Flags::VERIFIED | Flags::BACKUP_ELIGIBLE, Fault::Backup),
    ] {
        let (mut device, key) = registered();
        device.flags = flags;
        let made = device.assert(&CHALLENGE);
        assert_eq!(assert_for(&key, &made, Use::Sign), Err(fault), "{flags:#04x}");
    }
    let (mut device, key) = registered();
    device.rp_id = "evil.example".to_owned();
    let made = device.assert(&CHALLENGE);
    assert_eq!(assert_for(&key, &made, Use::Sign), Err(Fault::RelyingParty));
}

#[test]
fn the_counter_must_move_on_unless_there_is_none() {
    for (known, now, passes) in [
        (5, 6, true),
        (5, 5, false),
        (5, 4, false),
        (5, 0, false),
        (0, 0, true),
        (0, 1, true),
        (u32::MAX, u32::MAX, false),
        (u32::MAX - 1, u32::MAX, true),
    ] {
        let (mut device, mut key) = registered();
        key.counter = known;
        // The device counts on by one when it signs, unless it does not count.
        device.counter = u32::saturating_sub(now, 1);
        let made = if now == 1 {
            device.counter = 1;
            let data = device.client_data("webauthn.get", &CHALLENGE);
            let client_data = data.to_string().into_bytes();
            let authenticator_data = device.authenticator_data(0, &[]);
            let hash = <sha2::Sha256 as sha2::Digest>::digest(&client_data);
            let signature = device.sign(&[&authenticator_data[..], &hash].concat());
            let credential_id = device.credential_id.clone();
            Asserted { credential_id, client_data, authenticator_data, signature }
        } else {
            device.assert(&CHALLENGE)
        };
        let found = assert_for(&key, &made, Use::Sign);
        let expected = if passes { Ok(now) } else { Err(Fault::Counter) };
        assert_eq!(found.map(|seen| seen.counter), expected, "{known} then {now}");
    }
}

#[test]
fn another_users_or_another_keys_is_refused() {
    let (mut device, key) = registered();
    let (_, other) = registered();
    let made = device.assert(&CHALLENGE);
    assert_eq!(assert_for(&other, &made, Use::Sign), Err(Fault::Signature));
    let known = |handle| Known {
        key: &key.key,
        counter: key.counter,
        backup_eligible: false,
        user_handle: handle,
    };
    let answer = |handle| Assertion {
        client_data: &made.client_data,
        authenticator_data: &made.authenticator_data,
        signature: &made.signature,
        user_handle: handle,
    };
    let check = |known_as, told| {
        webauthn::assert(&party(), &known(known_as), &answer(told), &CHALLENGE, Use::Sign)
    };
    assert_eq!(check(&[4; 16], Some(&HANDLE[..])), Err(Fault::UserHandle));
    assert!(check(&HANDLE, Some(&HANDLE[..])).is_ok());
    assert!(check(&HANDLE, None).is_ok(), "an authenticator need not know");
}

#[test]
fn a_payment_is_confirmed_as_it_was_shown() {
    let terms = terms();
    let confirm = |shown: &Payment, origin: &str| {
        let (mut device, key) = registered();
        device.origin = origin.to_owned();
        let made = device.confirm(&CHALLENGE, shown);
        assert_for(&key, &made, Use::Payment(&terms))
    };
    let good = shown(&terms);
    assert!(confirm(&good, SHOP).is_ok());
    let chinese = Payment { payee_name: Some("莲花茶铺".to_owned()), ..good.clone() };
    assert!(confirm(&chinese, SHOP).is_ok(), "either name of the payee");
    let mut no_icon = good.clone();
    no_icon.instrument.icon = String::new();
    assert!(confirm(&no_icon, SHOP).is_ok(), "a picture that could not be loaded");
    assert_eq!(confirm(&good, PAGE), Err(Fault::Origin), "not on the payee's page");

    let bent = |bend: fn(&mut Payment)| {
        let mut shown = good.clone();
        bend(&mut shown);
        confirm(&shown, SHOP)
    };
    for (part, found) in [
        ("rpId", bent(|p| p.rp_id = "evil.example".to_owned())),
        ("topOrigin", bent(|p| p.top_origin = "https://evil.example".to_owned())),
        ("payeeName", bent(|p| p.payee_name = Some("Evil Tea".to_owned()))),
        ("payeeName", bent(|p| p.payee_name = None)),
        ("payeeOrigin", bent(|p| p.payee_origin = Some("https://evil.example".to_owned()))),
        ("payeeOrigin", bent(|p| p.payee_origin = None)),
        ("total", bent(|p| p.total.value = "1.99".to_owned())),
        ("total", bent(|p| p.total.value = "12.990".to_owned())),
        ("total", bent(|p| p.total.currency = "USD".to_owned())),
        ("instrument", bent(|p| p.instrument.display_name = "Other".to_owned())),
        ("instrument", bent(|p| p.instrument.icon = "https://evil.example/i.png".to_owned())),
    ] {
        assert_eq!(found, Err(Fault::Payment(part)));
    }
}

#[test]
fn a_payment_is_no_signature_and_a_signature_no_payment() {
    let terms = terms();
    let (mut device, key) = registered();
    device.origin = SHOP.to_owned();
    let payment = device.confirm(&CHALLENGE, &shown(&terms));
    assert_eq!(assert_for(&key, &payment, Use::Sign), Err(Fault::Type));
    let signature = device.assert(&CHALLENGE);
    assert_eq!(assert_for(&key, &signature, Use::Payment(&terms)), Err(Fault::Type));
    let mut nothing_shown = device.client_data("payment.get", &CHALLENGE);
    let made = device.assert_with(&nothing_shown);
    let found = assert_for(&key, &made, Use::Payment(&terms));
    assert_eq!(found, Err(Fault::Payment("payment")));
    nothing_shown["payment"] = json!({ "rpId": "pay.example" });
    let made = device.assert_with(&nothing_shown);
    let found = assert_for(&key, &made, Use::Payment(&terms));
    assert!(matches!(found, Err(Fault::ClientData(_))), "{found:?}");
}

#[test]
fn a_payment_always_verifies_its_user() {
    let terms = terms();
    let (mut device, key) = registered();
    (device.origin, device.flags) = (SHOP.to_owned(), Flags::PRESENT);
    let made = device.confirm(&CHALLENGE, &shown(&terms));
    let known = Known { key: &key.key, counter: 0, backup_eligible: false, user_handle: &HANDLE };
    let answer = Assertion {
        client_data: &made.client_data,
        authenticator_data: &made.authenticator_data,
        signature: &made.signature,
        user_handle: None,
    };
    let lenient = RelyingParty { user_verification: false, ..party() };
    let found = webauthn::assert(&lenient, &known, &answer, &CHALLENGE, Use::Payment(&terms));
    assert_eq!(found, Err(Fault::NotVerified));
}
