//! Public keys in COSE's form (RFC 9052, §7), as authenticators present them (§6.5.1.1), and their
//! signatures.

use crate::Fault;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use minicbor::{Decoder, Encoder};

/// How a key signs, by its number in COSE's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256 (-7).
    Es256,
    /// EdDSA over Ed25519 (-8).
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (-257): what TPMs have.
    Rs256,
}

impl Algorithm {
    /// All of them, the preferred first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// Its number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// The algorithm of this number.
    ///
    /// # Errors
    /// [`Fault::Algorithm`].
    pub fn of(number: i64) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|a| a.number() == number).ok_or(Fault::Algorithm)
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// A point on P-256.
    Es256 {
        /// Its first coordinate, big-endian.
        x: [u8; 32],
        /// Its second.
        y: [u8; 32],
    },
    /// A key of Ed25519.
    EdDsa {
        /// The key.
        x: [u8; 32],
    },
    /// A key of RSA, 2048 to 8192 bits.
    Rs256 {
        /// The modulus, big-endian.
        n: Vec<u8>,
        /// The exponent, big-endian.
        e: Vec<u8>,
    },
}

// Labels and values of RFC 9053.
const KTY: i64 = 1;
const ALG: i64 = 3;
const KTY_OKP: i64 = 1;
const KTY_EC2: i64 = 2;
const KTY_RSA: i64 = 3;
const CRV_P256: i64 = 1;
const CRV_ED25519: i64 = 6;

/// The parameters of a key, whichever it has. -1 is a curve or a modulus.
#[derive(Default)]
struct Parameters<'a> {
    kty: Option<i64>,
    alg: Option<i64>,
    curve: Option<i64>,
    bytes: [Option<&'a [u8]>; 3],
}

impl PublicKey {
    /// Reads a key of exactly these bytes.
    ///
    /// # Errors
    /// [`Fault::Algorithm`], [`Fault::PublicKey`].
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        match Self::take(bytes)? {
            (key, length) if length == bytes.len() => Ok(key),
            _ => Err(Fault::PublicKey),
        }
    }

    /// Reads a key in front of `bytes`; gives its length too. It has exactly the parameters that
    /// its kind needs, in canonical form.
    pub(crate) fn take(bytes: &[u8]) -> Result<(Self, usize), Fault> {
        let mut decoder = Decoder::new(bytes);
        let parameters = parameters(&mut decoder).map_err(|_| Fault::PublicKey)?;
        let length = decoder.position();
        let key = Self::of(&parameters)?;
        if bytes.get(..length) != Some(key.to_bytes().as_slice()) || !key.is_sound() {
            return Err(Fault::PublicKey);
        }
        Ok((key, length))
    }

    fn of(parameters: &Parameters<'_>) -> Result<Self, Fault> {
        let algorithm = Algorithm::of(parameters.alg.ok_or(Fault::PublicKey)?)?;
        let coordinate = |bytes: Option<&[u8]>| {
            bytes.and_then(|b| <[u8; 32]>::try_from(b).ok()).ok_or(Fault::PublicKey)
        };
        let [first, second, third] = parameters.bytes;
        match (algorithm, parameters.kty, parameters.curve) {
            (Algorithm::Es256, Some(KTY_EC2), Some(CRV_P256)) => {
                Ok(Self::Es256 { x: coordinate(second)?, y: coordinate(third)? })
            }
            (Algorithm::EdDsa, Some(KTY_OKP), Some(CRV_ED25519)) => {
                Ok(Self::EdDsa { x: coordinate(second)? })
            }
            (Algorithm::Rs256, Some(KTY_RSA), None) => {
                let part = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec).ok_or(Fault::PublicKey);
                Ok(Self::Rs256 { n: part(first)?, e: part(second)? })
            }
            _ => Err(Fault::PublicKey),
        }
    }

    /// How it signs.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256 { .. } => Algorithm::Es256,
            Self::EdDsa { .. } => Algorithm::EdDsa,
            Self::Rs256 { .. } => Algorithm::Rs256,
        }
    }

    /// Its one form in COSE.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Encoder::new(Vec::new());
        // Writing into memory does not fail.
        let written = match self {
            Self::Es256 { x, y } => head(&mut out, 5, KTY_EC2, -7).and_then(|out| {
                out.i64(-1)?.i64(CRV_P256)?.i64(-2)?.bytes(x)?.i64(-3)?.bytes(y)?.ok()
            }),
            Self::EdDsa { x } => head(&mut out, 4, KTY_OKP, -8)
                .and_then(|out| out.i64(-1)?.i64(CRV_ED25519)?.i64(-2)?.bytes(x)?.ok()),
            Self::Rs256 { n, e } => head(&mut out, 4, KTY_RSA, -257)
                .and_then(|out| out.i64(-1)?.bytes(n)?.i64(-2)?.bytes(e)?.ok()),
        };
        written.map(|()| out.into_writer()).unwrap_or_default()
    }

    /// Whether it is a key of its algorithm: a point on the curve, a modulus of a length that is
    /// taken.
    fn is_sound(&self) -> bool {
        match self {
            Self::Es256 { x, y } => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point(x, y)).is_ok()
            }
            Self::EdDsa { x } => ParsedPublicKey::new(&ED25519, x).is_ok(),
            Self::Rs256 { n, e } => {
                let odd = |bytes: &[u8]| bytes.last().is_some_and(|byte| byte % 2 == 1);
                let led = |bytes: &[u8]| bytes.first().is_some_and(|byte| *byte != 0);
                // 2048 to 8192 bits; an exponent of at most 33 bits, as everywhere.
                (256..=1_024).contains(&n.len())
                    && (1..=5).contains(&e.len())
                    && [n, e].into_iter().all(|part| odd(part) && led(part))
                    && e.as_slice() != [1]
            }
        }
    }

    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// [`Fault::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let verified = match self {
            Self::Es256 { x, y } => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point(x, y))
                .verify(message, signature),
            Self::EdDsa { x } => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.map_err(|_| Fault::Signature)
    }
}

/// The uncompressed form of a point (SEC 1, §2.3.3).
fn point(x: &[u8; 32], y: &[u8; 32]) -> Vec<u8> {
    [&[4], x.as_slice(), y.as_slice()].concat()
}

type Written<T> = Result<T, minicbor::encode::Error<std::convert::Infallible>>;

fn head(
    out: &mut Encoder<Vec<u8>>,
    parameters: u64,
    kty: i64,
    alg: i64,
) -> Written<&mut Encoder<Vec<u8>>> {
    out.map(parameters)?.i64(KTY)?.i64(kty)?.i64(ALG)?.i64(alg)
}

/// The parameters of a map; at most five, none twice.
fn parameters<'a>(decoder: &mut Decoder<'a>) -> Result<Parameters<'a>, minicbor::decode::Error> {
    let refused = || minicbor::decode::Error::message("no parameter of a key");
    let count = decoder.map()?.filter(|count| *count <= 5).ok_or_else(refused)?;
    let mut found = Parameters::default();
    let once = |place: &mut Option<i64>, value| match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(refused()),
    };
    for _ in 0..count {
        let label = decoder.i64()?;
        match label {
            KTY => once(&mut found.kty, decoder.i64()?)?,
            ALG => once(&mut found.alg, decoder.i64()?)?,
            -1 if found.kty != Some(KTY_RSA) => once(&mut found.curve, decoder.i64()?)?,
            -3..=-1 => {
                let index = usize::try_from(label.saturating_add(1).saturating_abs());
                let place = index.ok().and_then(|i| found.bytes.get_mut(i)).ok_or_else(refused)?;
                if place.replace(decoder.bytes()?).is_some() {
                    return Err(refused());
                }
            }
            _ => return Err(refused()),
        }
    }
    Ok(found)
}
