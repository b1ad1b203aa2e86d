//! Tokens bound to a key: good in no other hands, and each proof once.

use super::browser::Browser;
use super::client::{Client, Keys, VERIFIER, refused, terms};
use crate::house::{House, Reply};
use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use testhouse::Town;
use types::Clock;

const PHONE: &str = "13800000001";
const TOKEN: (&str, &str) = ("POST", "/oauth/token");
const INFO: (&str, &str) = ("GET", "/oauth/userinfo");

async fn redeem(shop: &Client<'_>, code: &str, proof: Option<&str>) -> Reply {
    let fields =
        [("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)];
    shop.post("/oauth/token", &fields, proof).await
}

#[tokio::test]
async fn a_bound_token_is_good_with_its_key_only() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let mut bound = terms(1, "openid offline_access");
    bound["require_dpop"] = json!(true);
    let shop = Client::register(&house, &bound).await;
    let mut browser = Browser::new(&house, &town);
    let code = shop.code(&mut browser, PHONE, "openid offline_access").await;
    let (keys, thief) = (Keys::new(), Keys::new());
    assert_eq!(refused(&redeem(&shop, &code, None).await).1, "dpop_missing");
    let fresh = keys.proof(&house, TOKEN, &json!({ "jti": "1" }));
    let tokens = redeem(&shop, &code, Some(&fresh)).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let tokens = tokens.json();
    assert_eq!(tokens["token_type"], "DPoP");
    let access = tokens["access_token"].as_str().expect("a token");
    assert!(shop.introspect(access).await["cnf"]["jkt"].is_string());
    let info = async |scheme: &str, proof: Option<&str>| {
        let authorization = format!("{scheme} {access}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(proof.map(|proof| ("dpop", proof)));
        house.call("GET", "/oauth/userinfo", &headers, "").await
    };
    let ath = json!({ "ath": Keys::ath(access) });
    let told = info("DPoP", Some(&keys.proof(&house, INFO, &ath))).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    for (scheme, proof, code) in [
        ("Bearer", None, "dpop_missing"),
        ("DPoP", None, "dpop_missing"),
        ("DPoP", Some(thief.proof(&house, INFO, &ath)), "token_invalid"),
        ("DPoP", Some(keys.proof(&house, INFO, &json!({}))), "dpop_token_mismatch"),
        ("DPoP", Some(keys.proof(&house, INFO, &json!({ "ath": "x" }))), "dpop_token_mismatch"),
        ("DPoP", Some(keys.proof(&house, INFO, &ath)), "dpop_replayed"),
    ] {
        let reply = info(scheme, proof.as_deref()).await;
        assert_eq!((reply.status.as_u16(), refused(&reply).1.as_str()), (401, code), "{scheme}");
        assert!(reply.header("www-authenticate").contains("error="), "{code}");
    }
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let stolen = thief.proof(&house, TOKEN, &json!({ "jti": "2" }));
    let reply = shop.post("/oauth/token", &fields, Some(&stolen)).await;
    assert_eq!(refused(&reply).1, "dpop_key_mismatch");
    let own = keys.proof(&house, TOKEN, &json!({ "jti": "3" }));
    let reply = shop.post("/oauth/token", &fields, Some(&own)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
}

#[tokio::test]
async fn a_proof_is_for_one_request_and_fresh() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let code = shop.code(&mut browser, PHONE, "openid").await;
    let keys = Keys::new();
    let now = house.clock.now().as_millis() / 1_000;
    let url = format!("{}/oauth/token", house.issuer());
    for (changes, error, refusal) in [
        (json!({ "htm": "GET" }), "invalid_dpop_proof", "dpop_method_mismatch"),
        (json!({ "htm": "post" }), "invalid_dpop_proof", "dpop_method_mismatch"),
        (
            json!({ "htu": "https://evil.example/oauth/token" }),
            "invalid_dpop_proof",
            "dpop_url_mismatch",
        ),
        (json!({ "htu": format!("{url}/") }), "invalid_dpop_proof", "dpop_url_mismatch"),
        (json!({ "htu": "" }), "invalid_dpop_proof", "dpop_url_mismatch"),
        (json!({ "iat": now - 301 }), "invalid_dpop_proof", "dpop_stale"),
        (json!({ "iat": now + 301 }), "invalid_dpop_proof", "dpop_stale"),
        (json!({ "jti": "" }), "invalid_dpop_proof", "dpop_malformed"),
        (json!({ "iat": "now" }), "invalid_dpop_proof", "dpop_malformed"),
        (json!({ "nonce": null }), "use_dpop_nonce", "dpop_nonce_needed"),
        (json!({ "nonce": "invented" }), "use_dpop_nonce", "dpop_nonce_needed"),
    ] {
        let proof = keys.proof(&house, TOKEN, &changes);
        let reply = redeem(&shop, &code, Some(&proof)).await;
        assert_eq!(refused(&reply), (error.to_owned(), refusal.to_owned()), "{changes}");
        assert_eq!(reply.header("dpop-nonce"), house.app.sso.dpop_nonce(house.clock.now()));
    }
    let claims = json!({ "jti": "x", "htm": "POST", "htu": url, "iat": now });
    let head = json!({ "jwk": {} });
    let untyped = keys.sign("JWT", &head, &claims);
    let keyless = keys.sign("dpop+jwt", &json!({}), &claims);
    let secret = jsonwebtoken::encode(
        &Header {
            typ: Some("dpop+jwt".into()),
            jwk: Some(keys.public.clone()),
            ..Header::new(Algorithm::HS256)
        },
        &claims,
        &EncodingKey::from_secret(b"secret"),
    );
    let sound = keys.sign("dpop+jwt", &head, &claims);
    let broken = format!("{}AAAA", &sound[..sound.len() - 4]);
    for proof in [untyped, keyless, secret.expect("signed"), broken, "x".into(), String::new()] {
        let reply = redeem(&shop, &code, Some(&proof)).await;
        assert_eq!(refused(&reply).1, "dpop_malformed", "{proof}");
    }
    // Used once, whatever became of the request.
    let proof = keys.proof(&house, TOKEN, &json!({ "jti": "once" }));
    assert_eq!(refused(&redeem(&shop, "invented", Some(&proof)).await).1, "auth_code_unknown");
    assert_eq!(refused(&redeem(&shop, &code, Some(&proof)).await).1, "dpop_replayed");
}

#[tokio::test]
async fn a_code_asked_for_with_a_key_is_given_to_that_key() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let (keys, thief) = (Keys::new(), Keys::new());
    let jkt =
        keys.public.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).expect("a thumbprint");
    let mut browser = Browser::new(&house, &town);
    let back = browser.answer(&shop.authorize(&[("dpop_jkt", &jkt)]), PHONE, "allow").await;
    let code = super::browser::parameters(&back).get("code").expect("a code").to_owned();
    assert_eq!(refused(&redeem(&shop, &code, None).await).1, "dpop_key_mismatch");
    let stolen = thief.proof(&house, TOKEN, &json!({ "jti": "t" }));
    assert_eq!(refused(&redeem(&shop, &code, Some(&stolen)).await).1, "dpop_key_mismatch");
    let own = keys.proof(&house, TOKEN, &json!({ "jti": "o" }));
    assert_eq!(redeem(&shop, &code, Some(&own)).await.status, StatusCode::OK);
}
