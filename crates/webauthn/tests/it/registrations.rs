//! Registrations: the right one, and each step of §7.1 with one thing wrong.

use crate::support::{CHALLENGE, PAGE, authenticator, party, register};
use serde_json::json;
use webauthn::soft::{Attest, Authenticator, Registered};
use webauthn::{Attestation, AttestationObject, Fault, Flags, RelyingParty, Statement};

#[test]
fn a_right_one_gives_the_key_and_what_was_said_of_it() {
    let mut device = authenticator();
    for (attest, attestation) in
        [(Attest::None, Attestation::None), (Attest::SelfSigned, Attestation::SelfSigned)]
    {
        let key = register(&party(), &device.register(&CHALLENGE, &attest)).expect("right");
        assert_eq!(key.attestation, attestation);
        assert_eq!((key.id, key.key), (device.credential_id.clone(), device.public_key()));
        assert_eq!((key.counter, key.aaguid), (1, [7; 16]));
        assert_eq!((key.user_verified, key.backup_eligible, key.backed_up), (true, false, false));
    }
    let copied = Flags::BACKUP_ELIGIBLE | Flags::BACKED_UP;
    device.flags |= copied;
    let key = register(&party(), &device.register(&CHALLENGE, &Attest::None)).expect("right");
    assert_eq!((key.backup_eligible, key.backed_up), (true, true));
}

/// The registration with its client data bent.
fn client(bend: impl Fn(&mut serde_json::Value)) -> Registered {
    let device = authenticator();
    let mut data = device.client_data("webauthn.create", &CHALLENGE);
    bend(&mut data);
    Registered {
        client_data: data.to_string().into_bytes(),
        ..device.register(&CHALLENGE, &Attest::None)
    }
}

#[test]
fn bent_client_data_is_refused() {
    for (bent, fault) in [
        (client(|d| d["type"] = json!("webauthn.get")), Fault::Type),
        (client(|d| d["type"] = json!("payment.get")), Fault::Type),
        (client(|d| d["challenge"] = json!("AAAA")), Fault::Challenge),
        (client(|d| d["origin"] = json!("https://evil.example")), Fault::Origin),
        (client(|d| d["origin"] = json!(format!("{PAGE}:8443"))), Fault::Origin),
        (client(|d| d["origin"] = json!(format!("{PAGE}/"))), Fault::Origin),
        (client(|d| d["crossOrigin"] = json!(true)), Fault::CrossOrigin),
        (client(|d| d["topOrigin"] = json!("https://evil.example")), Fault::CrossOrigin),
    ] {
        assert_eq!(register(&party(), &bent), Err(fault), "{}", text(&bent.client_data));
    }
    // The statement of a key that signs for itself covers the client data.
    let device = authenticator();
    let mut made = device.register(&CHALLENGE, &Attest::SelfSigned);
    made.client_data.insert(1, b' ');
    assert!(matches!(register(&party(), &made), Err(Fault::Attestation(_))));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn flagged(flags: u8) -> Registered {
    let mut device = authenticator();
    device.flags = flags;
    device.register(&CHALLENGE, &Attest::None)
}

#[test]
fn bent_authenticator_data_is_refused() {
    let elsewhere =
        Authenticator::new("evil.example", PAGE).register(&CHALLENGE, &Attest::SelfSigned);
    let copied = Flags::PRESENT | Flags::VERIFIED | Flags::BACKED_UP;
    for (case, made, fault) in [
        ("another party's", elsewhere, Fault::RelyingParty),
        ("nobody there", flagged(Flags::VERIFIED), Fault::NotPresent),
        ("nobody verified", flagged(Flags::PRESENT), Fault::NotVerified),
        ("copied without being copyable", flagged(copied), Fault::Backup),
    ] {
        assert_eq!(register(&party(), &made), Err(fault), "{case}");
    }
    let lenient = RelyingParty { user_verification: false, ..party() };
    let key = register(&lenient, &flagged(Flags::PRESENT)).expect("present is enough");
    assert!(!key.user_verified);
}

/// An attestation object around these bytes as a key.
fn with_key(key: &[u8], credential_id: &[u8]) -> Registered {
    let device = authenticator();
    let length = u16::try_from(credential_id.len()).expect("short");
    let attested = [&[7; 16][..], &length.to_be_bytes(), credential_id, key].concat();
    let auth_data = device.authenticator_data(Flags::ATTESTED, &attested);
    let object = AttestationObject { statement: Statement::None, auth_data: &auth_data };
    Registered {
        credential_id: credential_id.to_vec(),
        client_data: device.client_data("webauthn.create", &CHALLENGE).to_string().into_bytes(),
        attestation_object: object.to_bytes(),
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    let good = authenticator().public_key().to_bytes();
    assert!(register(&party(), &with_key(&good, &[1; 16])).is_ok());
    let place = |needle: &[u8]| {
        good.windows(needle.len()).position(|window| window == needle).expect("it is there")
    };
    let bent = |at: usize, byte: u8| {
        let mut key = good.clone();
        key[at] = byte;
        key
    };
    // -7 is 0x26: -6, -9 (ESP256) and -8 with the key of another kind.
    let alg = place(&[0x03, 0x26]) + 1;
    let curve = place(&[0x20, 0x01]) + 1;
    let off_curve = bent(good.len() - 1, good[good.len() - 1] ^ 1);
    for (case, key, fault) in [
        ("an unknown algorithm", bent(alg, 0x25), Fault::Algorithm),
        ("an algorithm that was not offered", bent(alg, 0x28), Fault::Algorithm),
        ("an algorithm of another kind of key", bent(alg, 0x27), Fault::PublicKey),
        ("another curve", bent(curve, 0x02), Fault::PublicKey),
        ("another kind", bent(place(&[0x01, 0x02]) + 1, 0x01), Fault::PublicKey),
        ("a point beside the curve", off_curve, Fault::PublicKey),
        ("no map", vec![0xa0], Fault::PublicKey),
    ] {
        assert_eq!(register(&party(), &with_key(&key, &[1; 16])), Err(fault), "{case}");
    }
    let too_long = vec![1; 1_024];
    for id in [&[1; 15][..], &[], &too_long] {
        let made = with_key(&good, id);
        assert_eq!(register(&party(), &made), Err(Fault::CredentialId), "{} bytes", id.len());
    }
    let mut other = with_key(&good, &[1; 16]);
    other.credential_id = vec![2; 16];
    assert_eq!(register(&party(), &other), Err(Fault::CredentialId), "another id outside");
}

#[test]
fn an_assertion_is_no_registration() {
    let device = authenticator();
    let auth_data = device.authenticator_data(0, &[]);
    let object = AttestationObject { statement: Statement::None, auth_data: &auth_data };
    let made = Registered {
        attestation_object: object.to_bytes(),
        ..device.register(&CHALLENGE, &Attest::None)
    };
    assert!(matches!(register(&party(), &made), Err(Fault::AuthenticatorData(_))));
}
