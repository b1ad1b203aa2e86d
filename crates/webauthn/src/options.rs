//! What browsers are asked, in the JSON of §5.1.8 and §5.1.9 (`parseCreationOptionsFromJSON`,
//! `parseRequestOptionsFromJSON`) and, for payments, in the members of
//! `SecurePaymentConfirmationRequest`.

use crate::{Algorithm, Instrument, RelyingParty, to_base64};
use serde::Serialize;
use serde_json::{Value, json};

/// How long a browser waits for its user, milliseconds.
const TIMEOUT: u32 = 120_000;

/// Who a key is for.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The user handle: says nothing of the person.
    pub handle: &'a [u8],
    /// What the authenticator's list shows.
    pub name: &'a str,
}

/// A registration to be asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewKey<'a> {
    /// The relying party's name for people.
    pub party_name: &'a str,
    /// Who it is for.
    pub person: Person<'a>,
    /// The challenge.
    pub challenge: &'a [u8],
    /// Keys that the person has: none of the same authenticator is made again.
    pub known: &'a [Vec<u8>],
}

/// `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CreationOptions(pub Value);

/// `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestOptions(pub Value);

/// `SecurePaymentConfirmationRequest` with its bytes in base64url, and the total that goes beside
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SpcRequest(pub Value);

const fn verification(party: &RelyingParty) -> &'static str {
    if party.user_verification { "required" } else { "preferred" }
}

fn keys(ids: &[Vec<u8>]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "type": "public-key", "id": to_base64(id) })).collect()
}

impl CreationOptions {
    /// Asks for a new key. It may confirm payments on other pages; a maker's word is asked for
    /// where any maker is trusted.
    pub fn new(party: &RelyingParty, new: &NewKey<'_>) -> Self {
        let parameters: Vec<Value> = Algorithm::ALL
            .iter()
            .map(|a| json!({ "type": "public-key", "alg": a.number() }))
            .collect();
        Self(json!({
            "rp": { "id": party.id, "name": new.party_name },
            "user": {
                "id": to_base64(new.person.handle),
                "name": new.person.name,
                "displayName": new.person.name,
            },
            "challenge": to_base64(new.challenge),
            "pubKeyCredParams": parameters,
            "timeout": TIMEOUT,
            "excludeCredentials": keys(new.known),
            "authenticatorSelection": {
                "residentKey": "preferred",
                "userVerification": verification(party),
            },
            "attestation": if party.roots.is_empty() { "none" } else { "direct" },
            "extensions": { "payment": { "isPayment": true } },
        }))
    }
}

impl RequestOptions {
    /// Asks one of these keys to sign.
    pub fn new(party: &RelyingParty, challenge: &[u8], known: &[Vec<u8>]) -> Self {
        Self(json!({
            "challenge": to_base64(challenge),
            "timeout": TIMEOUT,
            "rpId": party.id,
            "allowCredentials": keys(known),
            "userVerification": verification(party),
        }))
    }
}

impl SpcRequest {
    /// Asks the browser to show a payment and one of these keys to confirm it.
    pub fn new(
        party: &RelyingParty,
        terms: &crate::PaymentTerms,
        challenge: &[u8],
        known: &[Vec<u8>],
    ) -> Self {
        let Instrument { display_name, icon } = &terms.instrument;
        let ids: Vec<String> = known.iter().map(|id| to_base64(id)).collect();
        Self(json!({
            "challenge": to_base64(challenge),
            "rpId": party.id,
            "credentialIds": ids,
            "instrument": { "displayName": display_name, "icon": icon, "iconMustBeShown": false },
            "payeeName": terms.payee_names.first(),
            "payeeOrigin": terms.origin,
            "timeout": TIMEOUT,
            "total": terms.total,
        }))
    }
}
