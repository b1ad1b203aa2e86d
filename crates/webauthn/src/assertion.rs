//! Checking what a known key signed (§7.2; Secure Payment Confirmation, "Verifying an
//! Authentication Assertion").

use crate::registration::signed;
use crate::{
    AuthenticatorData, ClientData, Fault, Flags, MAX_SIGNATURE, PaymentTerms, PublicKey,
    RelyingParty,
};

/// A browser's answer to a request to sign.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// `clientDataJSON`.
    pub client_data: &'a [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
    /// Whose key it is, where the authenticator knows.
    pub user_handle: Option<&'a [u8]>,
}

/// The key as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The key.
    pub key: &'a PublicKey,
    /// Its counter, as it was last seen.
    pub counter: u32,
    /// Whether it was said to be copyable when it was registered; that never changes.
    pub backup_eligible: bool,
    /// The user handle it was registered under.
    pub user_handle: &'a [u8],
}

/// What the key was asked for.
#[derive(Debug, Clone, Copy)]
pub enum Use<'a> {
    /// Signs a challenge, on a page of the relying party (`webauthn.get`).
    Sign,
    /// Confirms a payment that the browser itself showed, on the payee's page (`payment.get`). The
    /// user is always verified.
    Payment(&'a PaymentTerms),
}

/// What an assertion that holds tells of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its counter now.
    pub counter: u32,
    /// Whether its user was verified.
    pub user_verified: bool,
    /// Whether it is copied now.
    pub backed_up: bool,
}

/// Checks an assertion that answers `challenge`. That the key is the user's (steps 5 and 6) is for
/// whoever keeps the keys.
///
/// # Errors
/// The first [`Fault`] in the order of §7.2. The counter is last: [`Fault::Counter`] means that
/// everything else holds.
pub fn assert(
    party: &RelyingParty,
    known: &Known<'_>,
    answer: &Assertion<'_>,
    challenge: &[u8],
    used_for: Use<'_>,
) -> Result<Seen, Fault> {
    // Step 6: whose key it says it is.
    if answer.user_handle.is_some_and(|handle| handle != known.user_handle) {
        return Err(Fault::UserHandle);
    }
    // Steps 9 to 14: the client's data.
    let client = ClientData::read(answer.client_data)?;
    check_client(party, &client, challenge, used_for)?;
    // Steps 15 to 19: the authenticator's data.
    let data = AuthenticatorData::read(answer.authenticator_data)?;
    if data.attested.is_some() {
        return Err(Fault::AuthenticatorData("it has a new key"));
    }
    party.check(&data, party.user_verification || matches!(used_for, Use::Payment(_)))?;
    if data.flags.has(Flags::BACKUP_ELIGIBLE) != known.backup_eligible {
        return Err(Fault::Backup);
    }
    // Steps 20 and 21: the signature.
    if answer.signature.len() > MAX_SIGNATURE {
        return Err(Fault::Signature);
    }
    known.key.verify(&signed(answer.authenticator_data, answer.client_data), answer.signature)?;
    // Step 22: the counter, strictly.
    if !moves_on(known.counter, data.counter) {
        return Err(Fault::Counter);
    }
    Ok(Seen {
        counter: data.counter,
        user_verified: data.flags.has(Flags::VERIFIED),
        backed_up: data.flags.has(Flags::BACKED_UP),
    })
}

fn check_client(
    party: &RelyingParty,
    client: &ClientData,
    challenge: &[u8],
    used_for: Use<'_>,
) -> Result<(), Fault> {
    let ceremony = match used_for {
        Use::Sign => "webauthn.get",
        Use::Payment(_) => "payment.get",
    };
    if client.ceremony != ceremony {
        return Err(Fault::Type);
    }
    client.answers(challenge)?;
    match used_for {
        Use::Sign => client.asked_by(&party.origins),
        Use::Payment(terms) => {
            client.asked_by(std::slice::from_ref(&terms.origin))?;
            terms.check(client.payment.as_ref(), &party.id)
        }
    }
}

/// Whether a counter moved on. An authenticator that does not count says zero for ever.
const fn moves_on(before: u32, now: u32) -> bool {
    now > before || (now == 0 && before == 0)
}
