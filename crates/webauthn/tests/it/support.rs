//! A relying party and what its tests ask of it.

use types::Timestamp;
use webauthn::soft::{Asserted, Authenticator, Registered};
use webauthn::{
    Assertion, Credential, Fault, Instrument, Known, Payment, PaymentTerms, Registration,
    RelyingParty, Roots, Seen, Total, Use,
};

/// The relying party's id.
pub const PARTY: &str = "pay.example";
/// Its page.
pub const PAGE: &str = "https://pay.example";
/// A payee's page.
pub const SHOP: &str = "https://shop.example";
/// A challenge.
pub const CHALLENGE: [u8; 32] = [0x5a; 32];
/// Whose keys they are.
pub const HANDLE: [u8; 16] = [3; 16];

/// Noon of a day in 2026.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-10-12T12:00:00Z").expect("a moment")
}

pub fn party() -> RelyingParty {
    RelyingParty {
        id: PARTY.to_owned(),
        origins: vec![PAGE.to_owned()],
        user_verification: true,
        roots: Roots::default(),
    }
}

pub fn authenticator() -> Authenticator {
    Authenticator::new(PARTY, PAGE)
}

pub fn register(party: &RelyingParty, made: &Registered) -> Result<Credential, Fault> {
    let answer = Registration {
        credential_id: &made.credential_id,
        client_data: &made.client_data,
        attestation_object: &made.attestation_object,
    };
    webauthn::register(party, &answer, &CHALLENGE, now())
}

/// An authenticator with its key as it was registered.
pub fn registered() -> (Authenticator, Credential) {
    let device = authenticator();
    let made = device.register(&CHALLENGE, &webauthn::soft::Attest::None);
    let credential = register(&party(), &made).expect("registered");
    (device, credential)
}

pub fn assert_for(
    credential: &Credential,
    made: &Asserted,
    used_for: Use<'_>,
) -> Result<Seen, Fault> {
    let known = Known {
        key: &credential.key,
        counter: credential.counter,
        backup_eligible: credential.backup_eligible,
        user_handle: &HANDLE,
    };
    let answer = Assertion {
        client_data: &made.client_data,
        authenticator_data: &made.authenticator_data,
        signature: &made.signature,
        user_handle: Some(&HANDLE),
    };
    webauthn::assert(&party(), &known, &answer, &CHALLENGE, used_for)
}

pub fn terms() -> PaymentTerms {
    PaymentTerms {
        origin: SHOP.to_owned(),
        payee_names: vec!["Lotus Tea".to_owned(), "莲花茶铺".to_owned()],
        total: Total { currency: "CNY".to_owned(), value: "12.99".to_owned() },
        instrument: Instrument {
            display_name: "Balance".to_owned(),
            icon: "https://pay.example/icon.png".to_owned(),
        },
    }
}

/// What a browser shows of these terms.
pub fn shown(terms: &PaymentTerms) -> Payment {
    Payment {
        rp_id: PARTY.to_owned(),
        top_origin: SHOP.to_owned(),
        payee_name: terms.payee_names.first().cloned(),
        payee_origin: Some(SHOP.to_owned()),
        total: terms.total.clone(),
        instrument: terms.instrument.clone(),
    }
}
