//! What a browser and an authenticator send: any bytes are refused or mean exactly one thing, and
//! nothing but what was signed is believed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use types::Timestamp;
use webauthn::{
    Assertion, AttestationObject, AuthenticatorData, ClientData, Known, PublicKey, Registration,
    RelyingParty, Roots, Use,
};

/// The challenge that the seeds answer.
const CHALLENGE: [u8; 32] = [0x5a; 32];

fn party() -> RelyingParty {
    RelyingParty {
        id: "localhost".to_owned(),
        origins: vec!["http://localhost:8787".to_owned()],
        user_verification: false,
        roots: Roots::default(),
    }
}

fn forms(bytes: &[u8]) {
    if let Ok(object) = AttestationObject::read(bytes) {
        assert_eq!(object.to_bytes(), bytes, "one value has one form");
        let _ = AuthenticatorData::read(object.auth_data);
    }
    if let Ok(data) = AuthenticatorData::read(bytes)
        && let Some(attested) = data.attested
    {
        let key = attested.key.to_bytes();
        assert_eq!(PublicKey::read(&key), Ok(attested.key), "a key reads back");
        assert!(bytes.windows(key.len()).any(|window| window == key), "one key has one form");
    }
    if let Ok(key) = PublicKey::read(bytes) {
        assert_eq!(key.to_bytes(), bytes, "one key has one form");
        assert!(key.verify(b"never signed", bytes).is_err());
    }
    if let Ok(client) = ClientData::read(bytes) {
        let _ = client.challenge();
    }
}

/// The first two bytes say how long the first part is.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fuzz_target!(|bytes: &[u8]| {
    forms(bytes);
    let Some((client_data, rest)) = parts(bytes) else { return };
    forms(rest);
    let Ok(object) = AttestationObject::read(rest) else {
        return;
    };
    let Ok(data) = AuthenticatorData::read(object.auth_data) else { return };
    let Some(attested) = data.attested else { return };
    let credential_id = attested.credential_id;
    let answer = Registration { credential_id, client_data, attestation_object: rest };
    if let Ok(credential) =
        webauthn::register(&party(), &answer, &CHALLENGE, Timestamp::from_micros(0))
    {
        assert_eq!(credential.id, credential_id);
        // What it was registered with is no signature of its own.
        let known = Known {
            key: &credential.key,
            counter: credential.counter,
            backup_eligible: credential.backup_eligible,
            user_handle: &[],
        };
        let answer = Assertion {
            client_data,
            authenticator_data: object.auth_data,
            signature: rest,
            user_handle: None,
        };
        assert!(webauthn::assert(&party(), &known, &answer, &CHALLENGE, Use::Sign).is_err());
    }
});
