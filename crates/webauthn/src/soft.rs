//! An authenticator in software, with the browser's half: what tests register and sign with, and
//! bend.

use crate::{AttestationObject, Flags, Payment, PublicKey, Statement, to_base64};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An answer to a registration, as bytes that may be bent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The new key's id.
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation_object: Vec<u8>,
}

/// An answer to a request to sign, as bytes that may be bent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    /// The key's id.
    pub credential_id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

/// One who signs attestations: gets what is to be signed.
pub type Sign<'a> = dyn Fn(&[u8]) -> Vec<u8> + 'a;

/// What speaks for a new key.
pub enum Attest<'a> {
    /// Nothing.
    None,
    /// The key itself.
    SelfSigned,
    /// A maker.
    Maker {
        /// Its certificates, DER.
        x5c: Vec<Vec<u8>>,
        /// Its signature by ES256.
        sign: &'a Sign<'a>,
    },
}

/// An authenticator with one key (ES256) of one relying party.
pub struct Authenticator {
    /// The relying party's id.
    pub rp_id: String,
    /// The page that its browser shows.
    pub origin: String,
    /// The key's id.
    pub credential_id: Vec<u8>,
    /// The model.
    pub aaguid: [u8; 16],
    /// How often it has signed; it counts unless this is zero.
    pub counter: u32,
    /// The flags it answers with.
    pub flags: u8,
    key: EcdsaKeyPair,
}

impl Authenticator {
    /// A new one, bound to its device, whose user is verified.
    pub fn new(rp_id: &str, origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("keys are made");
        let digest = Sha256::digest(key.public_key().as_ref());
        Self {
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
            credential_id: digest.to_vec(),
            aaguid: [7; 16],
            counter: 1,
            flags: Flags::PRESENT | Flags::VERIFIED,
            key,
        }
    }

    /// Its public key.
    pub fn public_key(&self) -> PublicKey {
        let point = self.key.public_key().as_ref();
        let part = |from: usize| point[from..from + 32].try_into().expect("an uncompressed point");
        PublicKey::Es256 { x: part(1), y: part(33) }
    }

    /// A signature of its key.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(&SystemRandom::new(), message).expect("it signs").as_ref().to_vec()
    }

    /// Client data of a ceremony.
    pub fn client_data(&self, ceremony: &str, challenge: &[u8]) -> Value {
        json!({
            "type": ceremony, "challenge": to_base64(challenge), "origin": self.origin,
            "crossOrigin": false,
        })
    }

    /// Authenticator data with these bits beside its own flags and these bytes behind.
    pub fn authenticator_data(&self, bits: u8, behind: &[u8]) -> Vec<u8> {
        let hash = Sha256::digest(self.rp_id.as_bytes());
        [hash.as_slice(), &[self.flags | bits], &self.counter.to_be_bytes(), behind].concat()
    }

    /// Its key as a registration presents it.
    pub fn attested(&self) -> Vec<u8> {
        let length = u16::try_from(self.credential_id.len()).expect("short");
        [
            self.aaguid.as_slice(),
            &length.to_be_bytes(),
            &self.credential_id,
            &self.public_key().to_bytes(),
        ]
        .concat()
    }

    /// Answers a registration.
    pub fn register(&self, challenge: &[u8], attest: &Attest<'_>) -> Registered {
        let client_data = self.client_data("webauthn.create", challenge).to_string().into_bytes();
        let auth_data = self.authenticator_data(Flags::ATTESTED, &self.attested());
        let signed = [auth_data.as_slice(), &Sha256::digest(&client_data)].concat();
        let none: &[Vec<u8>] = &[];
        let (signature, x5c) = match attest {
            Attest::None => (Vec::new(), none),
            Attest::SelfSigned => (self.sign(&signed), none),
            Attest::Maker { x5c, sign } => (sign(&signed), x5c.as_slice()),
        };
        let statement = match attest {
            Attest::None => Statement::None,
            Attest::SelfSigned | Attest::Maker { .. } => Statement::Packed {
                alg: -7,
                sig: &signature,
                x5c: x5c.iter().map(Vec::as_slice).collect(),
            },
        };
        let object = AttestationObject { statement, auth_data: &auth_data };
        Registered {
            credential_id: self.credential_id.clone(),
            client_data,
            attestation_object: object.to_bytes(),
        }
    }

    /// Signs a challenge; its counter moves on.
    pub fn assert(&mut self, challenge: &[u8]) -> Asserted {
        let client_data = self.client_data("webauthn.get", challenge);
        self.assert_with(&client_data)
    }

    /// Confirms a payment; its counter moves on.
    pub fn confirm(&mut self, challenge: &[u8], shown: &Payment) -> Asserted {
        let mut client_data = self.client_data("payment.get", challenge);
        client_data["payment"] = serde_json::to_value(shown).expect("plain data");
        self.assert_with(&client_data)
    }

    /// Signs this client data; its counter moves on.
    pub fn assert_with(&mut self, client_data: &Value) -> Asserted {
        if self.counter > 0 {
            self.counter += 1;
        }
        let client_data = client_data.to_string().into_bytes();
        let authenticator_data = self.authenticator_data(0, &[]);
        let signature =
            self.sign(&[&authenticator_data[..], &Sha256::digest(&client_data)].concat());
        Asserted {
            credential_id: self.credential_id.clone(),
            client_data,
            authenticator_data,
            signature,
        }
    }
}
