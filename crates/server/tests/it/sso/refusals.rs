//! Everything a thief, a careless client or a curious one tries: refused by name, and what a stolen
//! thing gave ends.

use super::browser::{Browser, location, parameters};
use super::client::{BACK, Client, Keys, VERIFIER, refused, terms};
use crate::house::House;
use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use sso::model::form::extend;
use testhouse::Town;
use types::Clock;

const PHONE: &str = "13800000001";

#[tokio::test]
async fn no_browser_is_sent_to_an_address_that_is_not_the_clients() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut app = terms(1, "openid");
    app["proving"] = json!({ "method": "none" });
    app["redirect_uris"] = json!(["http://127.0.0.1/cb", "cn.example.app:/cb"]);
    let app = Client::register(&house, &app).await;
    let mut browser = Browser::new(&house, &town);
    for trick in [
        "https://shop.example/cb/",
        "https://shop.example/cb2",
        "https://shop.example/cb?next=https://evil.example",
        "https://shop.example/cb#x",
        "https://shop.example/%63b",
        "https://shop.example:8443/cb",
        "https://shop.example.evil.example/cb",
        "https://shop.example@evil.example/cb",
        "https://evil.example/cb",
        "http://shop.example/cb",
        "//evil.example/cb",
        "javascript:alert(1)",
        "http://127.0.0.1/cb",
        "",
    ] {
        let reply = browser.get(&shop.authorize(&[("redirect_uri", trick)])).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{trick}");
        assert_eq!(reply.header("location"), "", "{trick}");
        let code =
            if trick.is_empty() { "oauth_parameter_invalid" } else { "redirect_uri_mismatch" };
        assert!(reply.body.contains(code), "{trick}: {}", reply.body);
    }
    for (asked, holds) in [
        ("http://127.0.0.1:49152/cb", true),
        ("http://127.0.0.1/cb", true),
        ("cn.example.app:/cb", true),
        ("http://127.0.0.1:49152/other", false),
        ("http://localhost:49152/cb", false),
        ("http://127.0.0.2:49152/cb", false),
        ("cn.example.app:/cb2", false),
    ] {
        let reply = browser.get(&app.authorize(&[("redirect_uri", asked)])).await;
        assert_eq!(reply.status == StatusCode::SEE_OTHER, holds, "{asked}");
    }
    for (query, code) in [
        ("client_id=cli_00000000000000000000000001", "client_unknown"),
        ("client_id=x&client_id=y", "oauth_form_malformed"),
        ("client_id=%zz", "oauth_form_malformed"),
        ("", "oauth_parameter_invalid"),
    ] {
        let reply = browser.get(&format!("/oauth/authorize?{query}")).await;
        assert!(!reply.status.is_success() && reply.body.contains(code), "{query}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_at_the_client() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    for (change, error, code) in [
        (("code_challenge", ""), "invalid_request", "pkce_missing"),
        (("code_challenge_method", "plain"), "invalid_request", "pkce_method_refused"),
        (("code_challenge_method", ""), "invalid_request", "pkce_method_refused"),
        (("scope", "openid admin"), "invalid_scope", "scope_unknown"),
        (("scope", "openid phone"), "invalid_scope", "scope_not_allowed"),
        (("response_type", "token"), "unsupported_response_type", "response_type_refused"),
        (("request", "x.y.z"), "request_not_supported", "request_object_refused"),
    ] {
        let told = location(&browser.get(&shop.authorize(&[change])).await);
        assert!(told.starts_with(BACK), "{told}");
        let told = parameters(&told);
        assert_eq!(told.get("error"), Some(error), "{change:?}");
        let description = told.get("error_description").expect("a description");
        assert!(description.starts_with(&format!("{code}:")), "{change:?}: {description}");
        assert_eq!((told.get("state"), told.get("iss")), (Some("st"), Some(house.issuer())));
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_its_verifier_in_its_minute() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid offline_access")).await;
    let other = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let code = shop.code(&mut browser, PHONE, "openid offline_access").await;
    let wrong = VERIFIER.replace('d', "e");
    for (fields, error, refusal) in [
        (vec![("code", code.as_str())], "invalid_grant", "pkce_verifier_missing"),
        (vec![("code", &code), ("code_verifier", &wrong)], "invalid_grant", "pkce_mismatch"),
        (
            vec![
                ("code", &code),
                ("code_verifier", VERIFIER),
                ("redirect_uri", "https://shop.example/x"),
            ],
            "invalid_grant",
            "redirect_uri_mismatch",
        ),
        (
            vec![("code", "invented"), ("code_verifier", VERIFIER)],
            "invalid_grant",
            "auth_code_unknown",
        ),
        (vec![("code_verifier", VERIFIER)], "invalid_request", "oauth_parameter_invalid"),
    ] {
        let fields: Vec<_> =
            [("grant_type", "authorization_code")].into_iter().chain(fields).collect();
        let reply = shop.post("/oauth/token", &fields, None).await;
        assert_eq!(refused(&reply), (error.to_owned(), refusal.to_owned()), "{fields:?}");
    }
    assert_eq!(refused(&other.redeem(&code).await).1, "auth_code_of_other_client");
    let tokens = shop.redeem(&code).await.json();
    let access = tokens["access_token"].as_str().expect("a token");
    assert_eq!(shop.introspect(access).await["active"], true);
    // Stolen on its way: who comes second is refused, and who came first loses what it gave.
    assert_eq!(
        refused(&shop.redeem(&code).await),
        ("invalid_grant".into(), "auth_code_reused".into())
    );
    assert_eq!(shop.introspect(access).await, json!({ "active": false }));
    let refresh = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(refused(&shop.refresh(refresh).await).1, "refresh_unknown");
    let late = shop.code(&mut browser, PHONE, "openid").await;
    house.clock.advance_to(house.clock.now().plus_seconds(60));
    assert_eq!(refused(&shop.redeem(&late).await).1, "auth_code_expired");
}

#[tokio::test]
async fn of_two_at_once_with_one_code_none_keeps_tokens() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let code = shop.code(&mut browser, PHONE, "openid").await;
    let (a, b) = tokio::join!(shop.redeem(&code), shop.redeem(&code));
    let won: Vec<_> = [a, b].into_iter().filter(|reply| reply.status.is_success()).collect();
    assert!(won.len() <= 1);
    for reply in won {
        let token = reply.json()["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(shop.introspect(&token).await, json!({ "active": false }));
    }
}

#[tokio::test]
async fn a_client_is_known_by_its_own_proof_only() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let keys = Keys::new();
    let mut public = serde_json::to_value(&keys.public).expect("JSON");
    public["kid"] = json!("k1");
    let mut signing = terms(1, "openid");
    signing["proving"] = json!({ "method": "private_key_jwt", "keys": [public] });
    let signing = Client::register(&house, &signing).await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let failed = ("invalid_client".to_owned(), "client_authentication_failed".to_owned());
    for body in [
        format!("grant_type=refresh_token&client_id={}", shop.id),
        format!("grant_type=refresh_token&client_id={}&client_secret=x", shop.id),
        "grant_type=refresh_token&client_id=cli_00000000000000000000000001".to_owned(),
        "grant_type=refresh_token".to_owned(),
        format!("grant_type=refresh_token&client_id={}", signing.id),
    ] {
        let reply = house.call("POST", "/oauth/token", &form, body.clone()).await;
        assert_eq!((reply.status.as_u16(), refused(&reply)), (401, failed.clone()), "{body}");
    }
    let at = house.clock.now().as_millis() / 1_000;
    let assertion = |changes: serde_json::Value| {
        let mut claims = json!({ "iss": signing.id, "sub": signing.id, "aud": house.issuer(),
            "exp": at + 60, "iat": at, "jti": changes.to_string() });
        for (name, value) in changes.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        keys.sign("JWT", &json!({ "kid": "k1" }), &claims)
    };
    let ask = async |assertion: &str| {
        let body = extend(
            "",
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", assertion),
            ],
        );
        refused(
            &house
                .call("POST", "/oauth/token", &form, body.trim_start_matches('?').to_owned())
                .await,
        )
    };
    let good = assertion(json!({}));
    assert_eq!(ask(&good).await.1, "refresh_unknown", "it is known");
    assert_eq!(ask(&good).await.1, "client_assertion_replayed");
    for changes in [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [house.issuer(), "https://other.example"] }),
        json!({ "iss": shop.id }),
        json!({ "sub": shop.id }),
        json!({ "exp": at }),
        json!({ "exp": at + 3_600 }),
        json!({ "iat": at + 3_600 }),
    ] {
        assert_eq!(ask(&assertion(changes.clone())).await, failed, "{changes}");
    }
    let confused = jsonwebtoken::encode(
        &Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) },
        &json!({ "iss": signing.id, "sub": signing.id, "aud": house.issuer(), "exp": at + 60, "jti": "h" }),
        &EncodingKey::from_secret(serde_json::to_string(&keys.public).expect("JSON").as_bytes()),
    );
    assert_eq!(ask(&confused.expect("signed")).await, failed, "HS256 with the public key");
    let payload = assertion(json!({ "jti": "n" })).split('.').nth(1).expect("a part").to_owned();
    // {"alg":"none","kid":"k1"}
    assert_eq!(
        ask(&format!("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.{payload}.")).await,
        failed,
        "none"
    );
}
