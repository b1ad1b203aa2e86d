//! What makers' certificates prove, and what they do not.

use crate::support::{CHALLENGE, PARTY, authenticator, party, register};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName,
    DnType, DnValue, IsCa, KeyPair, SigningKey, date_time_ymd,
};
use webauthn::soft::{Attest, Registered};
use webauthn::{Attestation, Fault, RelyingParty, Roots};

const AAGUID_OID: [u64; 11] = [1, 3, 6, 1, 4, 1, 45_724, 1, 1, 4, 0];

fn model(aaguid: [u8; 16], critical: bool) -> CustomExtension {
    let content = [&[0x04, 16][..], &aaguid].concat();
    let mut extension = CustomExtension::from_oid_content(&AAGUID_OID[..10], content);
    extension.set_criticality(critical);
    extension
}

fn maker_name() -> DistinguishedName {
    let mut name = DistinguishedName::new();
    let country = DnValue::PrintableString("CN".try_into().expect("printable"));
    name.push(DnType::CountryName, country);
    name.push(DnType::OrganizationName, "Maker");
    name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    name.push(DnType::CommonName, "Model 7");
    name
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name = maker_name();
    params.is_ca = IsCa::ExplicitNoCa;
    params.custom_extensions.push(model([7; 16], false));
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signed")
}

/// A registration that a maker of this certificate speaks for, and the root behind it.
fn spoken_for(params: &CertificateParams) -> (Registered, String) {
    let root = authority("Maker's Root");
    let key = KeyPair::generate().expect("a key");
    let leaf = params.signed_by(&key, &root).expect("signed");
    let sign = |message: &[u8]| key.sign(message).expect("it signs");
    let x5c = vec![leaf.der().to_vec()];
    let made = authenticator().register(&CHALLENGE, &Attest::Maker { x5c, sign: &sign });
    (made, root.pem())
}

fn trusting(pem: &str) -> RelyingParty {
    RelyingParty { roots: Roots::from_pem(pem).expect("roots"), ..party() }
}

#[test]
fn a_maker_that_is_trusted_is_told_from_one_that_is_not() {
    let (made, root) = spoken_for(&leaf_params());
    let attestation =
        |party: &RelyingParty| register(party, &made).map(|key| key.attestation).expect("right");
    assert_eq!(attestation(&trusting(&root)), Attestation::Trusted);
    assert_eq!(attestation(&party()), Attestation::Untrusted);
    let other = authority("Maker's Root");
    let others = trusting(&other.pem());
    assert_eq!(attestation(&others), Attestation::Untrusted, "of the same name");
    let both = trusting(&format!("{}{root}", other.pem()));
    assert_eq!(attestation(&both), Attestation::Trusted);
}

#[test]
fn a_chain_is_followed() {
    let root = authority("Root");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(DnType::CommonName, "Between");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let between = CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), &root);
    let between = between.expect("signed");
    let key = KeyPair::generate().expect("a key");
    let leaf = leaf_params().signed_by(&key, &between).expect("signed");
    let sign = |message: &[u8]| key.sign(message).expect("it signs");
    for (x5c, attestation) in [
        (vec![leaf.der().to_vec(), between.der().to_vec()], Attestation::Trusted),
        (vec![leaf.der().to_vec()], Attestation::Untrusted),
    ] {
        let made = authenticator().register(&CHALLENGE, &Attest::Maker { x5c, sign: &sign });
        let key = register(&trusting(&root.pem()), &made).expect("right");
        assert_eq!(key.attestation, attestation);
    }
}

#[test]
fn outside_its_time_a_certificate_leads_nowhere() {
    for (from, until) in [(2_027, 2_028), (2_024, 2_025)] {
        let mut params = leaf_params();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let (made, root) = spoken_for(&params);
        let key = register(&trusting(&root), &made).expect("right but for its time");
        assert_eq!(key.attestation, Attestation::Untrusted);
    }
}

#[test]
fn certificates_that_cannot_speak_for_the_key_are_refused() {
    let bent = |bend: fn(&mut CertificateParams)| {
        let mut params = leaf_params();
        bend(&mut params);
        spoken_for(&params)
    };
    for (case, (made, root)) in [
        ("another model", bent(|p| p.custom_extensions = vec![model([8; 16], false)])),
        ("a critical model", bent(|p| p.custom_extensions = vec![model([7; 16], true)])),
        ("an authority", bent(|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
        ("no word on authority", bent(|p| p.is_ca = IsCa::NoCa)),
        (
            "another unit",
            bent(|p| {
                p.distinguished_name.remove(DnType::OrganizationalUnitName);
                p.distinguished_name.push(DnType::OrganizationalUnitName, "Payments");
            }),
        ),
        (
            "no country",
            bent(|p| {
                p.distinguished_name.remove(DnType::CountryName);
            }),
        ),
        (
            "no name",
            bent(|p| {
                p.distinguished_name.remove(DnType::CommonName);
            }),
        ),
    ] {
        let found = register(&trusting(&root), &made);
        assert!(matches!(found, Err(Fault::Attestation(_))), "{case}: {found:?}");
    }
}

#[test]
fn a_statement_must_be_signed_by_whom_it_names() {
    let other = |_: &[u8]| authenticator().sign(b"something else");
    let root = authority("Root");
    let key = KeyPair::generate().expect("a key");
    let leaf = leaf_params().signed_by(&key, &root).expect("signed");
    for x5c in [vec![leaf.der().to_vec()], vec![vec![0x30, 0x00]], vec![Vec::new()]] {
        let made = authenticator().register(&CHALLENGE, &Attest::Maker { x5c, sign: &other });
        let found = register(&trusting(&root.pem()), &made);
        assert!(matches!(found, Err(Fault::Attestation(_))), "{found:?}");
    }
}

#[test]
fn a_list_of_roots_is_read_strictly() {
    let good = authority("Root").pem();
    assert!(!Roots::from_pem(&good).expect("one root").is_empty());
    for bad in ["", "roots", &good[..good.len() / 2]] {
        let read = Roots::from_pem(bad);
        assert!(read.is_err(), "{bad:?}: {read:?}");
    }
}

/// What Chromium's virtual authenticator answered, once: packed, with a certificate of its own.
#[test]
fn what_a_browser_made_is_read() {
    let made = Registered {
        credential_id: webauthn::from_base64("Y9qKmxwJf9ZNfGdERKWb4ioLehllGuCNJ7sGCf74JRg")
            .expect("base64url"),
        client_data: br#"{"type":"webauthn.create","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","origin":"http://localhost:37879","crossOrigin":false}"#.to_vec(),
        attestation_object: webauthn::from_base64(concat!(
            "o2NmbXRmcGFja2VkZ2F0dFN0bXSjY2FsZyZjc2lnWEcwRQIgbkZe8ACN0FhOVytERc9dHp01Nh8PU18FHn8t",
            "zgTi1rICIQCpWpOZNZkPYJmCOcL0F_YSLYaMJPWz45rWocm-TkHT22N4NWOBWQHYMIIB1DCCAXqgAwIBAgIB",
            "ATAKBggqhkjOPQQDAjBgMQswCQYDVQQGEwJVUzERMA8GA1UECgwIQ2hyb21pdW0xIjAgBgNVBAsMGUF1dGhl",
            "bnRpY2F0b3IgQXR0ZXN0YXRpb24xGjAYBgNVBAMMEUJhdGNoIENlcnRpZmljYXRlMB4XDTE3MDcxNDAyNDAw",
            "MFoXDTQ2MTExOTExMzg1M1owYDELMAkGA1UEBhMCVVMxETAPBgNVBAoMCENocm9taXVtMSIwIAYDVQQLDBlB",
            "dXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMRowGAYDVQQDDBFCYXRjaCBDZXJ0aWZpY2F0ZTBZMBMGByqGSM49",
            "AgEGCCqGSM49AwEHA0IABI1hfmXJUI5kvMVnOsgqZ5naPBRGaCwljEY__99Y39L6Pmw3i1PXlcSk3_tBme3X",
            "hi8jq68CA7S4kRugVpmU4QGjJTAjMAwGA1UdEwEB_wQCMAAwEwYLKwYBBAGC5RwCAQEEBAMCAwgwCgYIKoZI",
            "zj0EAwIDSAAwRQIhAP1NtiV2iCZaQu6GyeqDWoHUNXo7wNpvZyd1MEUeuaGyAiABwpAxCFqQ17uA7D_QgXai",
            "1In0xl__Lap3OSlseUfklmhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAA",
            "AQECAwQFBgcIAQIDBAUGBwgAIGPaipscCX_WTXxnRESlm-IqC3oZZRrgjSe7Bgn--CUYpQECAyYgASFYIJS3",
            "3SEPga3C1MuqANLh7S77oiReRoZhDiEVMl0jUD0aIlgg4Oi_Rinf9jcpH_jwnygMFnfEIbivzHhO8Mg3Rxqi",
            "F1E"
        ))
        .expect("base64url"),
    };
    let party = RelyingParty {
        id: "localhost".to_owned(),
        origins: vec!["http://localhost:37879".to_owned()],
        ..party()
    };
    assert_ne!(party.id, PARTY);
    let answer = webauthn::Registration {
        credential_id: &made.credential_id,
        client_data: &made.client_data,
        attestation_object: &made.attestation_object,
    };
    let key = webauthn::register(&party, &answer, &[0; 32], crate::support::now()).expect("right");
    assert_eq!(key.attestation, Attestation::Untrusted);
    assert_eq!((key.counter, key.user_verified, key.backup_eligible), (1, true, false));
}
