//! A business system: registered by the operator, it asks for codes and tokens as its programs do.

use super::browser::{Browser, form, parameters};
use crate::house::{House, Reply, TOKEN};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sso::model::form::{encode, extend};
use sso::model::{jws, pkce};

/// Where it has browsers sent back to.
pub const BACK: &str = "https://shop.example/cb";
/// A verifier, as a client draws one.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A client that proves who it is by a secret, or by nothing.
pub struct Client<'h> {
    house: &'h House,
    pub id: String,
    secret: Option<String>,
}

/// A client of this grade as its operator registers it.
pub fn terms(grade: u8, scopes: &str) -> Value {
    json!({
        "name": { "en": "Lotus Tea", "zh": "莲花茶铺" }, "grade": grade,
        "proving": { "method": "client_secret_basic" }, "redirect_uris": [BACK], "scopes": scopes,
    })
}

impl<'h> Client<'h> {
    pub async fn register(house: &'h House, terms: &Value) -> Self {
        let reply = house.api("POST", "/v1/admin/clients", TOKEN, terms).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let body = reply.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        Self { house, id: text("client_id").expect("an id"), secret: text("client_secret") }
    }

    /// The address that a browser brings a request to.
    pub fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let challenge = pkce::of_verifier(VERIFIER);
        let mut all = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", BACK),
            ("scope", "openid"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        extend("/oauth/authorize", &all)
    }

    /// The headers by which it proves who it is.
    fn headers(&self) -> Vec<(String, String)> {
        let mut all =
            vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        if let Some(secret) = &self.secret {
            let basic = STANDARD.encode(format!("{}:{}", encode(&self.id), encode(secret)));
            all.push(("authorization".to_owned(), format!("Basic {basic}")));
        }
        all
    }

    /// Posts a form to an endpoint, with a proof of possession if there is one.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)], proof: Option<&str>) -> Reply {
        let mut headers = self.headers();
        headers.extend(proof.map(|proof| ("dpop".to_owned(), proof.to_owned())));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        let mut fields = fields.to_vec();
        if self.secret.is_none() {
            fields.push(("client_id", &self.id));
        }
        self.house.call("POST", path, &headers, form(&fields)).await
    }

    /// A code for these scopes, allowed by the user of this phone.
    pub async fn code(&self, browser: &mut Browser<'_>, phone: &str, scope: &str) -> String {
        let back = browser.answer(&self.authorize(&[("scope", scope)]), phone, "allow").await;
        let told = parameters(&back);
        assert_eq!(told.get("iss"), Some(self.house.issuer()), "{back}");
        assert_eq!(told.get("state"), Some("st"));
        told.get("code").unwrap_or_else(|| panic!("no code: {back}")).to_owned()
    }

    /// Exchanges a code.
    pub async fn redeem(&self, code: &str) -> Reply {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)];
        self.post("/oauth/token", &fields, None).await
    }

    /// Tokens for these scopes.
    pub async fn tokens(&self, browser: &mut Browser<'_>, phone: &str, scope: &str) -> Value {
        let code = self.code(browser, phone, scope).await;
        let reply = self.redeem(&code).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/oauth/token", &fields, None).await
    }

    pub async fn introspect(&self, token: &str) -> Value {
        self.post("/oauth/introspect", &[("token", token)], None).await.json()
    }
}

/// `error` and `code` of a refusal of the protocol.
pub fn refused(reply: &Reply) -> (String, String) {
    let body = reply.json();
    assert!(!reply.status.is_success(), "{}", reply.body);
    assert!(body["detail"].as_str().is_some_and(|d| !d.is_empty()), "{}", reply.body);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (text("error"), text("code"))
}

/// A pair of keys of a client.
pub struct Keys {
    document: Vec<u8>,
    encoding: EncodingKey,
    pub public: Jwk,
}

impl Keys {
    pub fn new() -> Self {
        let rng = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng);
        let document = document.expect("a key").as_ref().to_vec();
        let encoding = EncodingKey::from_ec_der(&document);
        let public = Jwk::from_encoding_key(&encoding, Algorithm::ES256).expect("public");
        Self { document, encoding, public }
    }

    /// Both halves as a JWK, for a program of others.
    pub fn private(&self) -> Value {
        use aws_lc_rs::encoding::AsBigEndian as _;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.document);
        let pair = pair.expect("a key");
        let scalar: aws_lc_rs::encoding::EcPrivateKeyBin<'static> =
            pair.private_key().as_be_bytes().expect("bytes");
        let mut jwk = serde_json::to_value(&self.public).expect("JSON");
        jwk["d"] = json!(URL_SAFE_NO_PAD.encode(scalar.as_ref()));
        jwk["kid"] = json!("k1");
        jwk
    }

    /// Signs claims under a head of this type.
    pub fn sign(&self, typ: &str, head: &Value, claims: &Value) -> String {
        let mut header: Header = Header::new(Algorithm::ES256);
        header.typ = Some(typ.to_owned());
        if head["jwk"].is_object() {
            header.jwk = Some(self.public.clone());
        }
        header.kid = head["kid"].as_str().map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.encoding).expect("signed")
    }

    /// A proof of possession; `changes` alter its claims.
    pub fn proof(&self, house: &House, (method, path): (&str, &str), changes: &Value) -> String {
        use types::Clock;
        let now = house.clock.now();
        let mut claims = json!({
            "jti": format!("{}-{}", now.as_micros(), changes), "htm": method,
            "htu": format!("{}{path}", house.issuer()), "iat": now.as_millis() / 1_000,
            "nonce": house.app.sso.dpop_nonce(now),
        });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        self.sign("dpop+jwt", &json!({ "jwk": {} }), &claims)
    }

    /// What a proof beside an access token says of it.
    pub fn ath(token: &str) -> String {
        jws::digest(token)
    }
}
