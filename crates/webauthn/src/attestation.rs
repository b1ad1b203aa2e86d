//! What speaks for a new key (§6.5.4, §8): nothing, the key itself, or its maker's certificates.

use crate::certificates::{self, Roots};
use crate::{Algorithm, AuthenticatorData, Fault, MAX_ATTESTATION_OBJECT};
use minicbor::{Decoder, Encoder};
use types::Timestamp;

/// The most certificates of a statement.
const MOST_CERTIFICATES: u64 = 8;

/// What was found to speak for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attestation {
    /// Nothing.
    None,
    /// The key itself: it is there, no more.
    SelfSigned,
    /// Certificates that lead to no root known here.
    Untrusted,
    /// Certificates that lead to a root of a maker that is trusted.
    Trusted,
}

impl Attestation {
    const ALL: [Self; 4] = [Self::None, Self::SelfSigned, Self::Untrusted, Self::Trusted];

    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SelfSigned => "self",
            Self::Untrusted => "untrusted",
            Self::Trusted => "trusted",
        }
    }

    /// The attestation of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.word() == word)
    }
}

/// An attestation statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement<'a> {
    /// `none` (§8.7).
    None,
    /// `packed` (§8.2).
    Packed {
        /// The algorithm's number.
        alg: i64,
        /// The signature.
        sig: &'a [u8],
        /// The maker's certificate and those behind it, DER; none: the key signed for itself.
        x5c: Vec<&'a [u8]>,
    },
}

/// An attestation object, read to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationObject<'a> {
    /// The statement.
    pub statement: Statement<'a>,
    /// The authenticator data, unread.
    pub auth_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Reads an attestation object.
    ///
    /// # Errors
    /// [`Fault::AttestationObject`] if it is not in CTAP2's canonical CBOR or has anything but its
    /// three members; [`Fault::AttestationFormat`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > MAX_ATTESTATION_OBJECT {
            return Err(Fault::AttestationObject("it is too long"));
        }
        let read =
            object(bytes).map_err(|_| Fault::AttestationObject("it is not of its form"))??;
        if read.to_bytes() != bytes {
            return Err(Fault::AttestationObject("it is not in canonical form"));
        }
        Ok(read)
    }

    /// Its one form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        // Writing into memory does not fail.
        match self.write(&mut out) {
            Ok(()) => out.into_writer(),
            Err(_) => Vec::new(),
        }
    }

    fn write(
        &self,
        out: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        out.map(3)?.str("fmt")?;
        match &self.statement {
            Statement::None => {
                out.str("none")?.str("attStmt")?.map(0)?;
            }
            Statement::Packed { alg, sig, x5c } => {
                let members = if x5c.is_empty() { 2 } else { 3 };
                out.str("packed")?.str("attStmt")?.map(members)?;
                out.str("alg")?.i64(*alg)?.str("sig")?.bytes(sig)?;
                if !x5c.is_empty() {
                    out.str("x5c")?.array(u64::try_from(x5c.len()).unwrap_or(u64::MAX))?;
                    for certificate in x5c {
                        out.bytes(certificate)?;
                    }
                }
            }
        }
        out.str("authData")?.bytes(self.auth_data)?;
        Ok(())
    }

    /// Checks the statement over what it speaks for. `signed`: the authenticator data and the hash
    /// of the client data.
    ///
    /// # Errors
    /// [`Fault::Attestation`].
    pub(crate) fn verify(
        &self,
        data: &AuthenticatorData<'_>,
        signed: &[u8],
        roots: &Roots,
        now: Timestamp,
    ) -> Result<Attestation, Fault> {
        let Statement::Packed { alg, sig, x5c } = &self.statement else {
            return Ok(Attestation::None);
        };
        let attested = data.attested.as_ref().ok_or(Fault::AuthenticatorData("it has no key"))?;
        let algorithm =
            Algorithm::of(*alg).map_err(|_| Fault::Attestation("its algorithm is unknown"))?;
        let Some((leaf, behind)) = x5c.split_first() else {
            if algorithm != attested.key.algorithm() {
                return Err(Fault::Attestation("its algorithm is not the key's"));
            }
            let checked = attested.key.verify(signed, sig);
            checked.map_err(|_| Fault::Attestation("its signature is wrong"))?;
            return Ok(Attestation::SelfSigned);
        };
        certificates::verify_statement(leaf, algorithm, signed, sig, attested.aaguid)?;
        let trusted = roots.vouch_for(leaf, behind, now);
        Ok(if trusted { Attestation::Trusted } else { Attestation::Untrusted })
    }
}

type Read<T> = Result<T, minicbor::decode::Error>;

fn refused() -> minicbor::decode::Error {
    minicbor::decode::Error::message("not of its form")
}

/// The next text must be this one.
fn named(decoder: &mut Decoder<'_>, name: &str) -> Read<()> {
    if decoder.str()? == name { Ok(()) } else { Err(refused()) }
}

fn object(bytes: &[u8]) -> Read<Result<AttestationObject<'_>, Fault>> {
    let mut decoder = Decoder::new(bytes);
    if decoder.map()? != Some(3) {
        return Err(refused());
    }
    named(&mut decoder, "fmt")?;
    let format = decoder.str()?;
    named(&mut decoder, "attStmt")?;
    let statement = match format {
        "none" if decoder.map()? == Some(0) => Statement::None,
        "none" => return Err(refused()),
        "packed" => packed(&mut decoder)?,
        _ => return Ok(Err(Fault::AttestationFormat)),
    };
    named(&mut decoder, "authData")?;
    let auth_data = decoder.bytes()?;
    if decoder.position() != bytes.len() {
        return Err(refused());
    }
    Ok(Ok(AttestationObject { statement, auth_data }))
}

fn packed<'a>(decoder: &mut Decoder<'a>) -> Read<Statement<'a>> {
    let members = decoder.map()?;
    named(decoder, "alg")?;
    let alg = decoder.i64()?;
    named(decoder, "sig")?;
    let sig = decoder.bytes()?;
    let mut x5c = Vec::new();
    match members {
        Some(2) => {}
        Some(3) => {
            named(decoder, "x5c")?;
            let count = decoder.array()?.filter(|count| (1..=MOST_CERTIFICATES).contains(count));
            for _ in 0..count.ok_or_else(refused)? {
                x5c.push(decoder.bytes()?);
            }
        }
        _ => return Err(refused()),
    }
    Ok(Statement::Packed { alg, sig, x5c })
}
