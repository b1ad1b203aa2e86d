//! The ID token of a provider (`OpenID` Connect Core, section 3.1.3.7).

use crate::authenticate::Audience;
use crate::model::jws;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use types::Timestamp;

/// How much clocks may differ, seconds.
const SLACK_SECONDS: i64 = 60;
/// The longest subject, bytes (`OpenID` Connect Core, section 2).
const MOST_SUBJECT: usize = 255;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
}

/// What an ID token has to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
}

/// Checks an ID token; the subject.
///
/// # Errors
/// What is wrong with it, for the log and the user: no value of the token.
pub(crate) fn subject(
    token: &str,
    key: &Jwk,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<String, &'static str> {
    let head = jws::head(token).map_err(|_| "its algorithm or form")?;
    if head.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt")) {
        return Err("its type");
    }
    let claims: Claims =
        jws::verify(token, key, &jws::OF_OTHERS).map_err(|_| "its signature or form")?;
    let at = now.as_millis().div_euclid(1_000);
    if claims.iss != expected.issuer {
        return Err("its issuer");
    }
    if !claims.aud.has(expected.client_id) {
        return Err("its audience");
    }
    let azp = claims.azp.as_deref();
    if azp.is_some_and(|azp| azp != expected.client_id) || !claims.aud.is_one() && azp.is_none() {
        return Err("its authorized party");
    }
    if claims.exp.saturating_add(SLACK_SECONDS) <= at {
        return Err("it has expired");
    }
    if claims.iat > at.saturating_add(SLACK_SECONDS) {
        return Err("it is of the future");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err("its nonce");
    }
    if claims.sub.is_empty() || claims.sub.len() > MOST_SUBJECT {
        return Err("its subject");
    }
    Ok(claims.sub)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn key() -> (EncodingKey, Jwk) {
        let rng = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng);
        let encoding = EncodingKey::from_ec_der(document.expect("a key").as_ref());
        let public = Jwk::from_encoding_key(&encoding, Algorithm::ES256).expect("public");
        (encoding, public)
    }

    fn sound() -> Value {
        json!({ "iss": "https://id.example", "sub": "u1", "aud": "us", "exp": NOW + 60, "iat": NOW,
            "nonce": "n" })
    }

    fn checked(token: &str, key: &Jwk) -> Result<String, &'static str> {
        let expected = Expected { issuer: "https://id.example", client_id: "us", nonce: "n" };
        subject(token, key, expected, Timestamp::from_millis(NOW * 1_000))
    }

    #[test]
    fn each_claim_is_looked_at() {
        let (encoding, public) = key();
        let sign = |claims: &Value| {
            jsonwebtoken::encode(&Header::new(Algorithm::ES256), claims, &encoding).expect("signed")
        };
        assert_eq!(checked(&sign(&sound()), &public), Ok("u1".to_owned()));
        for (changes, result) in [
            (json!({"aud": ["us", "them"], "azp": "us"}), Ok("u1".to_owned())),
            (json!({"exp": NOW - 59}), Ok("u1".to_owned())),
            (json!({"iss": "https://id.example/"}), Err("its issuer")),
            (json!({"aud": "them"}), Err("its audience")),
            (json!({"aud": ["us", "them"]}), Err("its authorized party")),
            (json!({"azp": "them"}), Err("its authorized party")),
            (json!({"exp": NOW - 60}), Err("it has expired")),
            (json!({"iat": NOW + 61}), Err("it is of the future")),
            (json!({"nonce": "m"}), Err("its nonce")),
            (json!({"nonce": null}), Err("its nonce")),
            (json!({"sub": ""}), Err("its subject")),
            (json!({"sub": null}), Err("its signature or form")),
        ] {
            let mut claims = sound();
            for (name, value) in changes.as_object().expect("an object") {
                claims[name] = value.clone();
            }
            assert_eq!(checked(&sign(&claims), &public), result, "{changes}");
        }
    }

    #[test]
    fn neither_no_algorithm_nor_the_public_key_as_a_secret() {
        let (encoding, public) = key();
        let (_, other) = key();
        let good = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &sound(), &encoding);
        let good = good.expect("signed");
        assert_eq!(checked(&good, &other), Err("its signature or form"));
        let point =
            serde_json::to_value(&public).expect("JSON")["x"].as_str().expect("x").to_owned();
        let confused = jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &sound(),
            &EncodingKey::from_secret(point.as_bytes()),
        );
        assert_eq!(checked(&confused.expect("signed"), &public), Err("its signature or form"));
        let parts: Vec<&str> = good.split('.').collect();
        // {"alg":"none","typ":"JWT"}
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        assert_eq!(checked(&none, &public), Err("its algorithm or form"));
        for broken in ["", "a.b", "a.b.c", &good[..good.len() - 4], &format!("{good}.x")] {
            assert!(checked(broken, &public).is_err(), "{broken}");
        }
    }
}
