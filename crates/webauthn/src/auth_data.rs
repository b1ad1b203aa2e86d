//! What the authenticator signed (§6.1): for whom, how, how often, and of a new key the key.

use crate::{CREDENTIAL_ID, Fault, MAX_AUTHENTICATOR_DATA, PublicKey};
use minicbor::Decoder;
use minicbor::data::Type;

/// The flags of an authenticator's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    /// Somebody was there (UP).
    pub const PRESENT: u8 = 0x01;
    /// The authenticator verified who (UV), by a PIN or by a feature of the body.
    pub const VERIFIED: u8 = 0x04;
    /// The key may be copied to other devices (BE).
    pub const BACKUP_ELIGIBLE: u8 = 0x08;
    /// The key is copied (BS).
    pub const BACKED_UP: u8 = 0x10;
    /// The data has a new key (AT).
    pub const ATTESTED: u8 = 0x40;
    /// The data has extensions (ED).
    pub const EXTENSIONS: u8 = 0x80;

    /// Flags of these bits.
    pub const fn new(bits: u8) -> Self {
        Self(bits)
    }

    /// Whether this bit is set.
    pub const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// A new key, as the authenticator presents it (§6.5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested<'a> {
    /// The authenticator's model; zeros where it does not tell.
    pub aaguid: [u8; 16],
    /// The key's id.
    pub credential_id: &'a [u8],
    /// The key.
    pub key: PublicKey,
}

/// Authenticator data, read to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorData<'a> {
    /// SHA-256 of the relying party's id.
    pub rp_id_hash: [u8; 32],
    /// The flags.
    pub flags: Flags,
    /// How often the key has signed, if the authenticator counts.
    pub counter: u32,
    /// The new key, if there is one.
    pub attested: Option<Attested<'a>>,
    /// The extensions' outputs, a CBOR map; nothing here depends on one.
    pub extensions: Option<&'a [u8]>,
}

/// Bytes in front of what is left.
fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], Fault> {
    let (head, tail) = rest.split_first_chunk().ok_or(Fault::AuthenticatorData("it is cut off"))?;
    *rest = tail;
    Ok(head)
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data.
    ///
    /// # Errors
    /// [`Fault::AuthenticatorData`] if it is cut off, goes on behind its end, or has or lacks what
    /// its flags say; [`Fault::CredentialId`], [`Fault::Algorithm`], [`Fault::PublicKey`] for a
    /// new key.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > MAX_AUTHENTICATOR_DATA {
            return Err(Fault::AuthenticatorData("it is too long"));
        }
        let mut rest = bytes;
        let rp_id_hash = *take::<32>(&mut rest)?;
        let [flags] = *take::<1>(&mut rest)?;
        let flags = Flags(flags);
        let counter = u32::from_be_bytes(*take::<4>(&mut rest)?);
        let attested = if flags.has(Flags::ATTESTED) { Some(attested(&mut rest)?) } else { None };
        let extensions =
            if flags.has(Flags::EXTENSIONS) { Some(extensions(&mut rest)?) } else { None };
        if !rest.is_empty() {
            return Err(Fault::AuthenticatorData("bytes are left over behind its end"));
        }
        Ok(Self { rp_id_hash, flags, counter, attested, extensions })
    }
}

fn attested<'a>(rest: &mut &'a [u8]) -> Result<Attested<'a>, Fault> {
    let aaguid = *take::<16>(rest)?;
    let length = usize::from(u16::from_be_bytes(*take::<2>(rest)?));
    if !CREDENTIAL_ID.contains(&length) {
        return Err(Fault::CredentialId);
    }
    let (credential_id, tail) =
        rest.split_at_checked(length).ok_or(Fault::AuthenticatorData("it is cut off"))?;
    let (key, length) = PublicKey::take(tail)?;
    *rest = tail.get(length..).unwrap_or_default();
    Ok(Attested { aaguid, credential_id, key })
}

/// One CBOR map, unread: nothing here depends on an extension's output.
fn extensions<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let fault = |_| Fault::AuthenticatorData("its extensions are no CBOR map");
    let mut decoder = Decoder::new(rest);
    if decoder.datatype().map_err(fault)? != Type::Map {
        return Err(Fault::AuthenticatorData("its extensions are no CBOR map"));
    }
    decoder.skip().map_err(fault)?;
    let (map, tail) = rest.split_at_checked(decoder.position()).unwrap_or((rest, &[]));
    *rest = tail;
    Ok(map)
}
