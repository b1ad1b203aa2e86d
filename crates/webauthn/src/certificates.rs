//! The certificates of authenticators' makers: what an attestation certificate must be (§8.2.1),
//! and which makers are trusted.

use crate::{Algorithm, Fault};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use types::Timestamp;
use webpki::{EndEntityCert, KeyUsage, aws_lc_rs as algorithms};
use x509_cert::certificate::{Certificate, Version};
use x509_cert::der::asn1::OctetString;
use x509_cert::der::oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::der::{Decode, Encode, Reader};
use x509_cert::ext::pkix::BasicConstraints;

/// The unit that every attestation certificate names (§8.2.1).
const UNIT: &str = "Authenticator Attestation";
/// `id-fido-gen-ce-aaguid`: the model that a certificate speaks for.
const AAGUID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.45724.1.1.4");

/// What makers sign their certificates with.
static CHAIN: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ED25519,
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
];

/// Why a list of roots cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("attestation roots: {0}")]
pub struct RootsError(String);

/// The roots of trusted makers.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    anchors: Vec<TrustAnchor<'static>>,
}

impl Roots {
    /// Reads a list of certificates in PEM.
    ///
    /// # Errors
    /// [`RootsError`] for text that is none, or a certificate that cannot be a root.
    pub fn from_pem(text: &str) -> Result<Self, RootsError> {
        let fault = |error: &dyn std::fmt::Display| RootsError(error.to_string());
        let mut anchors = Vec::new();
        for certificate in
            Certificate::load_pem_chain(text.as_bytes()).map_err(|error| fault(&error))?
        {
            let der = CertificateDer::from(certificate.to_der().map_err(|error| fault(&error))?);
            let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|error| fault(&error))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err(fault(&"there is none"));
        }
        Ok(Self { anchors })
    }

    /// These and those.
    pub fn add(&mut self, others: Self) {
        self.anchors.extend(others.anchors);
    }

    /// Whether no maker is trusted.
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Whether a certificate leads to one of these roots at this moment.
    pub(crate) fn vouch_for(&self, leaf: &[u8], behind: &[&[u8]], now: Timestamp) -> bool {
        let leaf = CertificateDer::from(leaf);
        let behind: Vec<CertificateDer<'_>> =
            behind.iter().map(|der| CertificateDer::from(*der)).collect();
        let Ok(leaf) = EndEntityCert::try_from(&leaf) else { return false };
        let seconds = u64::try_from(now.as_millis()).unwrap_or_default() / 1_000;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        // Attestation certificates name no use of their key; one that names another use is refused.
        let usage = KeyUsage::client_auth();
        leaf.verify_for_usage(CHAIN, &self.anchors, &behind, time, usage, None, None).is_ok()
    }
}

const fn algorithm_of(algorithm: Algorithm) -> &'static dyn SignatureVerificationAlgorithm {
    match algorithm {
        Algorithm::Es256 => algorithms::ECDSA_P256_SHA256,
        Algorithm::EdDsa => algorithms::ED25519,
        Algorithm::Rs256 => algorithms::RSA_PKCS1_2048_8192_SHA256,
    }
}

/// Checks a packed statement with certificates, but for whom they lead to (§8.2, verification
/// procedure).
pub(crate) fn verify_statement(
    leaf: &[u8],
    algorithm: Algorithm,
    signed: &[u8],
    signature: &[u8],
    aaguid: [u8; 16],
) -> Result<(), Fault> {
    let no_certificate = Fault::Attestation("its certificate cannot be read");
    let der = CertificateDer::from(leaf);
    let certificate = EndEntityCert::try_from(&der).map_err(|_| no_certificate)?;
    certificate
        .verify_signature(algorithm_of(algorithm), signed, signature)
        .map_err(|_| Fault::Attestation("its signature is wrong"))?;
    let certificate = Certificate::from_der(leaf).map_err(|_| no_certificate)?;
    requirements(&certificate, aaguid).map_err(Fault::Attestation)
}

/// §8.2.1.
fn requirements(certificate: &Certificate, aaguid: [u8; 16]) -> Result<(), &'static str> {
    let body = certificate.tbs_certificate();
    if body.version() != Version::V3 {
        return Err("its certificate is not of version 3");
    }
    let subject = body.subject();
    let country = subject.country().ok().flatten();
    let organization = subject.organization().ok().flatten();
    let name = subject.common_name().ok().flatten();
    let unit = subject.organization_unit().ok().flatten();
    let complete = country.is_some() && organization.is_some() && name.is_some();
    if !complete || unit.is_none_or(|unit| unit.value() != UNIT) {
        return Err("its certificate does not name its maker as it should");
    }
    match body.get_extension::<BasicConstraints>() {
        Ok(Some((_, constraints))) if !constraints.ca => {}
        _ => return Err("its certificate may be an authority's"),
    }
    match body.get_extension::<Model>() {
        Ok(None) => Ok(()),
        Ok(Some((false, model))) if model.0.as_bytes() == aaguid => Ok(()),
        _ => Err("its certificate speaks for another model"),
    }
}

/// The extension that names the model.
struct Model(OctetString);

impl AssociatedOid for Model {
    const OID: ObjectIdentifier = AAGUID;
}

impl<'a> Decode<'a> for Model {
    type Error = x509_cert::der::Error;

    fn decode<R: Reader<'a>>(reader: &mut R) -> Result<Self, Self::Error> {
        OctetString::decode(reader).map(Self)
    }
}
