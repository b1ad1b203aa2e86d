//! The keys that sign tokens: one signs, those before it verify until their last token has ended.

use crate::clients::Desk;
use crate::error::Error;
use crate::model::jws::{self, JwsFault};
use crate::sso::Sso;
use crate::store::keys::{self, KeyRow};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use records::audit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::PoisonError;
use types::Timestamp;
use zeroize::Zeroizing;

/// Clocks differ: so much longer a retired key verifies, seconds.
const SLACK_SECONDS: i64 = 60;

/// The keys in memory, newest first.
#[derive(Default)]
pub(crate) struct Ring(Vec<SigningKey>);

#[derive(Clone)]
struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    public: Jwk,
    made_at: Timestamp,
    signs: bool,
    gone_at: Option<Timestamp>,
}

/// A pair of keys from its private half.
fn pair(scalar: &[u8]) -> Result<(EncodingKey, Jwk), Error> {
    let broken = |cause: &dyn std::fmt::Display| Error::fault("a signing key", cause);
    let private = PrivateKey::from_private_key(&ECDH_P256, scalar).map_err(|e| broken(&e))?;
    let public = private.compute_public_key().map_err(|e| broken(&e))?;
    let signing = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        scalar,
        public.as_ref(),
    );
    let document = signing.map_err(|e| broken(&e))?.to_pkcs8v1().map_err(|e| broken(&e))?;
    // An uncompressed point: 4, x, y.
    let coordinate = |from: usize, to: usize| {
        public.as_ref().get(from..to).map(|half| URL_SAFE_NO_PAD.encode(half))
    };
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": coordinate(1, 33), "y": coordinate(33, 65),
        "alg": "ES256", "use": "sig" });
    let mut jwk: Jwk = serde_json::from_value(jwk).map_err(|e| broken(&e))?;
    jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256).map_err(|e| broken(&e))?);
    Ok((EncodingKey::from_ec_der(document.as_ref()), jwk))
}

/// The place a sealed key belongs to.
fn place(kid: &str) -> Vec<u8> {
    format!("sso.key|{kid}").into_bytes()
}

impl Sso {
    /// Takes up the keys that are in the records.
    pub(crate) async fn load_keys(&self, now: Timestamp) -> Result<(), Error> {
        let mut ring = Vec::new();
        for row in keys::all(self.db()).await? {
            if row.gone_at.is_none_or(|gone| gone > now) {
                ring.push(self.opened(row)?);
            }
        }
        *self.inner.ring.write().unwrap_or_else(PoisonError::into_inner) = Ring(ring);
        Ok(())
    }

    fn opened(&self, row: KeyRow) -> Result<SigningKey, Error> {
        let scalar = self.desk().secrets.unseal(&row.sealed, &place(&row.kid));
        let scalar = scalar.map_err(|e| Error::fault("a sealed signing key", &e))?;
        let (encoding, public) = pair(&scalar)?;
        let signs = row.retired_at.is_none();
        let (kid, made_at, gone_at) = (row.kid, row.made_at, row.gone_at);
        Ok(SigningKey { kid, encoding, public, made_at, signs, gone_at })
    }

    /// Since when the present key signs; `None` if there is none.
    pub(crate) fn signs_since(&self) -> Option<Timestamp> {
        let ring = self.inner.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.0.iter().find(|key| key.signs).map(|key| key.made_at)
    }

    /// The public keys, for `jwks_uri`.
    pub fn jwks(&self, now: Timestamp) -> Value {
        let ring = self.inner.ring.read().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<&Jwk> =
            ring.0.iter().filter(|k| k.verifies(now)).map(|k| &k.public).collect();
        json!({ "keys": keys })
    }

    /// Signs claims as a token of this type.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, Error> {
        let ring = self.inner.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.0.iter().find(|key| key.signs);
        let key = key.ok_or_else(|| Error::fault("signing", &"there is no key"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding)
            .map_err(|e| Error::fault("signing", &e))
    }

    /// The claims of a token of the house of this type.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        typ: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<T, JwsFault> {
        let head = jws::head(token)?;
        if head.typ.as_deref() != Some(typ) {
            return Err(JwsFault::Malformed);
        }
        let ring = self.inner.ring.read().unwrap_or_else(PoisonError::into_inner);
        let named = |key: &&SigningKey| head.kid.as_deref() == Some(&key.kid) && key.verifies(now);
        let key = ring.0.iter().find(named).ok_or(JwsFault::Key)?;
        jws::verify(token, &key.public, &jws::OF_HOUSE)
    }
}

impl Desk {
    /// Lets another key sign from now on; those before it verify until the last token they signed
    /// has ended. Its name. A running server takes it up within a minute.
    ///
    /// # Errors
    /// Those of the records.
    pub async fn rotate_keys(&self, who: &str, now: Timestamp) -> Result<String, Error> {
        let (kid, sealed) = self.new_key()?;
        let lives = i64::from(self.access_seconds).saturating_add(SLACK_SECONDS);
        let (row_kid, who) = (kid.clone(), who.to_owned());
        let unit = self.records.write(move |txn| {
            Box::pin(async move {
                keys::forget(txn, now).await?;
                keys::succeed(txn, &row_kid, sealed, now, now.plus_seconds(lives)).await?;
                audit::append(txn, &who, "sso_key.rotate", &row_kid, None, None, now).await?;
                Ok::<_, Error>(())
            })
        });
        unit.await?;
        Ok(kid)
    }

    fn new_key(&self) -> Result<(String, Vec<u8>), Error> {
        let mut scalar = Zeroizing::new([0; 32]);
        // A number that is none of the curve's comes once in four thousand million.
        for _ in 0..8 {
            self.random.fill(scalar.as_mut_slice());
            if let Ok((_, public)) = pair(scalar.as_slice()) {
                let kid = public.common.key_id.unwrap_or_default();
                let (secrets, random) = (&self.secrets, self.random.as_ref());
                return Ok((kid.clone(), secrets.seal(scalar.as_slice(), &place(&kid), random)));
            }
        }
        Err(Error::fault("a signing key", &"the source of chance gives none"))
    }
}

impl SigningKey {
    fn verifies(&self, now: Timestamp) -> bool {
        self.gone_at.is_none_or(|gone| gone > now)
    }
}
