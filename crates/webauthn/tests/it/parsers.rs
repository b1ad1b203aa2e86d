//! The parsers: one form of every value, nothing cut, nothing left over.

use crate::support::{CHALLENGE, authenticator, party, register};
use webauthn::soft::Attest;
use webauthn::{
    AttestationObject, AuthenticatorData, ClientData, Fault, Flags, MAX_ATTESTATION_OBJECT,
    MAX_AUTHENTICATOR_DATA, MAX_CLIENT_DATA, PublicKey, Statement,
};

#[test]
fn an_attestation_object_cut_at_every_byte_is_refused() {
    let made = authenticator().register(&CHALLENGE, &Attest::SelfSigned);
    let whole = &made.attestation_object;
    assert!(register(&party(), &made).is_ok());
    for length in 0..whole.len() {
        let mut cut = made.clone();
        cut.attestation_object.truncate(length);
        assert!(AttestationObject::read(&cut.attestation_object).is_err(), "cut to {length}");
        assert!(register(&party(), &cut).is_err(), "cut to {length}");
    }
    let mut longer = made.clone();
    longer.attestation_object.push(0);
    let found = AttestationObject::read(&longer.attestation_object);
    assert!(matches!(found, Err(Fault::AttestationObject(_))), "{found:?}");
    for at in 0..whole.len() {
        let mut bent = made.clone();
        bent.attestation_object[at] ^= 1;
        assert!(register(&party(), &bent).is_err(), "byte {at} bent");
    }
}

#[test]
fn authenticator_data_cut_at_every_byte_is_refused() {
    let device = authenticator();
    let extensions = [0xa1, 0x61, b'x', 0xf5];
    let behind = [device.attested(), extensions.to_vec()].concat();
    let whole = device.authenticator_data(Flags::ATTESTED | Flags::EXTENSIONS, &behind);
    let read = AuthenticatorData::read(&whole).expect("whole");
    assert_eq!(read.extensions, Some(&extensions[..]));
    assert_eq!(read.attested.map(|key| key.key), Some(device.public_key()));
    for length in 0..whole.len() {
        assert!(AuthenticatorData::read(&whole[..length]).is_err(), "cut to {length}");
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(AuthenticatorData::read(&longer).is_err(), "one byte more");
    for (case, bits, behind) in [
        ("a flag without a key", Flags::ATTESTED, Vec::new()),
        ("a key without a flag", 0, device.attested()),
        ("a flag without extensions", Flags::EXTENSIONS, Vec::new()),
        ("extensions without a flag", 0, extensions.to_vec()),
        ("extensions that are no map", Flags::EXTENSIONS, vec![0x80]),
        ("extensions without an end", Flags::EXTENSIONS, vec![0xbf]),
    ] {
        let data = device.authenticator_data(bits, &behind);
        let found = AuthenticatorData::read(&data);
        assert!(matches!(found, Err(Fault::AuthenticatorData(_))), "{case}: {found:?}");
    }
}

#[test]
fn what_is_too_long_is_not_looked_at() {
    let long = |length: usize| vec![b'{'; length + 1];
    let client = ClientData::read(&long(MAX_CLIENT_DATA));
    assert_eq!(client, Err(Fault::ClientData("it is too long")));
    let object = AttestationObject::read(&long(MAX_ATTESTATION_OBJECT)).map(drop);
    assert_eq!(object, Err(Fault::AttestationObject("it is too long")));
    let data = AuthenticatorData::read(&long(MAX_AUTHENTICATOR_DATA)).map(drop);
    assert_eq!(data, Err(Fault::AuthenticatorData("it is too long")));
}

#[test]
fn client_data_is_an_object_of_json() {
    let good = r#"{"type":"webauthn.get","challenge":"AAAA","origin":"https://a","new":[{"x":1}]}"#;
    assert!(ClientData::read(good.as_bytes()).is_ok(), "members unknown here are allowed");
    for bad in [
        "",
        "null",
        "[]",
        r#"["webauthn.get","AAAA","https://a"]"#,
        "{",
        r#"{"type":"webauthn.get","challenge":"AAAA"}"#,
        r#"{"type":"webauthn.get","type":"webauthn.get","challenge":"AAAA","origin":"https://a"}"#,
        r#"{"type":"webauthn.get","challenge":"AAAA","origin":"https://a"} "x""#,
        "\u{feff}{}",
    ] {
        let found = ClientData::read(bad.as_bytes());
        assert!(matches!(found, Err(Fault::ClientData(_))), "{bad}: {found:?}");
    }
    assert!(ClientData::read(b"{\"type\":\"\xff\"}").is_err(), "no UTF-8");
    let deep = format!("{{\"x\":{}", "[".repeat(MAX_CLIENT_DATA - 10));
    assert!(ClientData::read(deep.as_bytes()).is_err(), "too deep");
}

#[test]
fn statements_of_other_formats_and_forms_are_refused() {
    let auth_data = authenticator().authenticator_data(0, &[]);
    let object = AttestationObject { statement: Statement::None, auth_data: &auth_data };
    let good = object.to_bytes();
    assert_eq!(AttestationObject::read(&good), Ok(object));
    let replaced = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|w| w == from).expect("it is there");
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    let named = AttestationObject::read(&replaced(b"\x64none", b"\x67android")).map(drop);
    assert_eq!(named, Err(Fault::AttestationFormat));
    for (case, bytes) in [
        ("a statement in none", replaced(b"attStmt\xa0", b"attStmt\xa1\x61x\x01")),
        ("another member", replaced(b"\x63fmt", b"\x63fnt")),
        ("a member more", replaced(b"\xa3", b"\xa4")),
        ("a map without an end", replaced(b"\xa3", b"\xbf")),
        ("a long form of a length", replaced(b"\x64none", b"\x78\x04none")),
        ("packed of nothing", replaced(b"\x64noneg", b"\x66packedg")),
    ] {
        let found = AttestationObject::read(&bytes).map(drop);
        assert!(matches!(found, Err(Fault::AttestationObject(_))), "{case}: {found:?}");
    }
}

#[test]
fn keys_read_back_in_their_one_form() {
    let point = authenticator().public_key();
    // The key pair of RFC 8032, §7.1, test 1; and any odd modulus of 2048 bits.
    let edwards = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let edwards = PublicKey::EdDsa { x: edwards.try_into().expect("32 bytes") };
    let rsa = PublicKey::Rs256 { n: vec![0xc5; 256], e: vec![1, 0, 1] };
    for key in [point, edwards, rsa] {
        let bytes = key.to_bytes();
        assert_eq!(PublicKey::read(&bytes), Ok(key));
        for length in 0..bytes.len() {
            assert!(PublicKey::read(&bytes[..length]).is_err(), "cut to {length}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(PublicKey::read(&longer), Err(Fault::PublicKey));
    }
    for (n, e) in [
        (vec![0xc5; 255], vec![1, 0, 1]),
        (vec![0xc5; 1_025], vec![1, 0, 1]),
        (vec![0xc4; 256], vec![1, 0, 1]),
        ([&[0][..], &[0xc5; 256]].concat(), vec![1, 0, 1]),
        (vec![0xc5; 256], vec![1]),
        (vec![0xc5; 256], vec![2]),
        (vec![0xc5; 256], vec![0, 1, 1]),
        (vec![0xc5; 256], Vec::new()),
    ] {
        let key = PublicKey::Rs256 { n, e };
        assert_eq!(PublicKey::read(&key.to_bytes()), Err(Fault::PublicKey), "{key:?}");
    }
}

#[test]
fn a_signature_of_rfc_8032_holds_and_no_other() {
    let key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let key = PublicKey::EdDsa { x: key.try_into().expect("32 bytes") };
    let signature = hex(concat!(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ));
    assert_eq!(key.verify(&[0x72], &signature), Ok(()));
    assert_eq!(key.verify(&[0x73], &signature), Err(Fault::Signature));
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(digit).collect()
}
