//! Registering a new key (§7.1).

use crate::certificates::Roots;
use crate::{
    Attestation, AttestationObject, AuthenticatorData, ClientData, Fault, Flags, PublicKey,
};
use sha2::{Digest as _, Sha256};
use types::Timestamp;

/// Who keys are registered with.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    /// Its id: a domain.
    pub id: String,
    /// The pages that may ask for its keys.
    pub origins: Vec<String>,
    /// Whether the authenticator must verify its user, not only see somebody.
    pub user_verification: bool,
    /// The makers of authenticators that it trusts.
    pub roots: Roots,
}

/// A browser's answer to a registration.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// The new key's id, as the client names it.
    pub credential_id: &'a [u8],
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// `attestationObject`.
    pub attestation_object: &'a [u8],
}

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// The key.
    pub key: PublicKey,
    /// Its counter.
    pub counter: u32,
    /// Whether its user was verified when it was made.
    pub user_verified: bool,
    /// Whether it may be copied to other devices.
    pub backup_eligible: bool,
    /// Whether it is copied.
    pub backed_up: bool,
    /// The authenticator's model; zeros where it does not tell.
    pub aaguid: [u8; 16],
    /// What speaks for it.
    pub attestation: Attestation,
}

impl RelyingParty {
    /// What is signed for this relying party, and how (§7.1 steps 13 to 18, §7.2 steps 15 to 19).
    pub(crate) fn check(
        &self,
        data: &AuthenticatorData<'_>,
        user_verification: bool,
    ) -> Result<(), Fault> {
        let hash: [u8; 32] = Sha256::digest(self.id.as_bytes()).into();
        if data.rp_id_hash != hash {
            return Err(Fault::RelyingParty);
        }
        if !data.flags.has(Flags::PRESENT) {
            return Err(Fault::NotPresent);
        }
        if user_verification && !data.flags.has(Flags::VERIFIED) {
            return Err(Fault::NotVerified);
        }
        // What cannot be copied is not copied.
        if data.flags.has(Flags::BACKED_UP) && !data.flags.has(Flags::BACKUP_ELIGIBLE) {
            return Err(Fault::Backup);
        }
        Ok(())
    }
}

/// What authenticators sign: their data and the hash of the client's.
pub(crate) fn signed(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let hash = Sha256::digest(client_data);
    [authenticator_data, hash.as_slice()].concat()
}

/// Checks a registration that answers `challenge`. That the key's id is nobody's yet (step 26) is
/// for whoever keeps the keys.
///
/// # Errors
/// The first [`Fault`] in the order of §7.1.
pub fn register(
    party: &RelyingParty,
    answer: &Registration<'_>,
    challenge: &[u8],
    now: Timestamp,
) -> Result<Credential, Fault> {
    // Steps 5 to 11: the client's data.
    let client = ClientData::read(answer.client_data)?;
    if client.ceremony != "webauthn.create" {
        return Err(Fault::Type);
    }
    client.answers(challenge)?;
    client.asked_by(&party.origins)?;
    // Steps 12 to 20: the authenticator's data. Reading the key refuses algorithms that are not
    // offered.
    let object = AttestationObject::read(answer.attestation_object)?;
    let data = AuthenticatorData::read(object.auth_data)?;
    party.check(&data, party.user_verification)?;
    let signed = signed(object.auth_data, answer.client_data);
    // Steps 21 to 24: what speaks for the key.
    let attestation = object.verify(&data, &signed, &party.roots, now)?;
    let flags = data.flags;
    let counter = data.counter;
    let new = data.attested.ok_or(Fault::AuthenticatorData("it has no key"))?;
    // Step 25 bounds the id's length, which reading does; and the id outside must be the one
    // inside.
    if new.credential_id != answer.credential_id {
        return Err(Fault::CredentialId);
    }
    Ok(Credential {
        id: new.credential_id.to_vec(),
        key: new.key,
        counter,
        user_verified: flags.has(Flags::VERIFIED),
        backup_eligible: flags.has(Flags::BACKUP_ELIGIBLE),
        backed_up: flags.has(Flags::BACKED_UP),
        aaguid: new.aaguid,
        attestation,
    })
}
