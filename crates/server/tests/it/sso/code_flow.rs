//! From the request to the tokens, and what they are good for.

use super::browser::{Browser, parameters};
use super::client::{Client, refused, terms};
use crate::house::{House, TOKEN};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

/// What the scope allows.
const FREE: members::AgreementKind = members::AgreementKind::PasswordFree;

const PHONE: &str = "13800000001";

pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn a_user_allows_and_the_client_gets_what_was_allowed() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid profile phone offline_access")).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONE, "openid phone").await;
    assert_eq!(
        (&tokens["token_type"], &tokens["scope"]),
        (&json!("Bearer"), &json!("openid phone"))
    );
    assert_eq!(tokens.get("refresh_token"), None, "not asked for");
    let id = claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!(
        (&id["aud"], &id["nonce"], &id["acr"]),
        (&json!(shop.id), &json!("no"), &json!("2"))
    );
    let access = tokens["access_token"].as_str().expect("an access token");
    let bearer = format!("Bearer {access}");
    let told = house.call("GET", "/oauth/userinfo", &[("authorization", &bearer)], "").await;
    assert_eq!(told.json()["phone_number"], "+8613800000001");
    assert_eq!(told.json()["sub"], id["sub"]);
    assert_eq!(told.json().get("real_name_verified"), None, "profile was not asked for");
    let known = shop.introspect(access).await;
    assert_eq!((&known["active"], &known["scope"]), (&json!(true), &json!("openid phone")));
    let other = Client::register(&house, &terms(1, "openid")).await;
    assert_eq!(other.introspect(access).await, json!({ "active": false }), "an equal");
    let same = other.tokens(&mut browser, PHONE, "openid").await;
    let same = claims(same["id_token"].as_str().expect("an ID token"));
    assert_ne!(same["sub"], id["sub"], "two clients cannot tell that they share a user");
    house.clock.advance_to(house.clock.now().plus_seconds(301));
    assert_eq!(shop.introspect(access).await, json!({ "active": false }), "it has ended");
    let told = house.call("GET", "/oauth/userinfo", &[("authorization", &bearer)], "").await;
    assert_eq!(refused(&told), ("invalid_token".to_owned(), "token_invalid".to_owned()));
}

#[tokio::test]
async fn the_users_no_and_silent_requests_are_told_at_the_client() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let silent = shop.authorize(&[("prompt", "none")]);
    let back = browser.answer(&silent, PHONE, "allow").await;
    assert_eq!(parameters(&back).get("error"), Some("login_required"));
    let back = browser.answer(&shop.authorize(&[]), PHONE, "deny").await;
    assert_eq!(parameters(&back).get("error"), Some("access_denied"));
    assert_eq!(parameters(&back).get("state"), Some("st"));
    let back = browser.answer(&silent, PHONE, "allow").await;
    assert_eq!(parameters(&back).get("error"), Some("consent_required"));
    // A new sign-in is asked for although the browser has one.
    let here =
        super::browser::location(&browser.get(&shop.authorize(&[("prompt", "login")])).await);
    assert!(browser.get(&here).await.body.contains("name=\"phone\""));
    browser.sign_in(&here, PHONE).await;
    assert!(browser.get(&here).await.body.contains("value=\"allow\""));
}

#[tokio::test]
async fn another_key_signs_and_what_the_old_one_signed_is_good_to_its_end() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let first = shop.tokens(&mut browser, PHONE, "openid").await;
    let first = first["access_token"].as_str().expect("a token").to_owned();
    let keys = async || {
        let set = house.call("GET", "/oauth/jwks", &[], "").await.json();
        let all = set["keys"].as_array().expect("keys").clone();
        assert!(all.iter().all(|key| key.get("d").is_none() && key["kty"] == "EC"));
        all.len()
    };
    assert_eq!(keys().await, 1);
    let rotated = house.api("POST", "/v1/admin/signing-keys", TOKEN, &Value::Null).await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.body);
    assert_eq!(keys().await, 2);
    assert_eq!(shop.introspect(&first).await["active"], true);
    let second = shop.tokens(&mut browser, PHONE, "openid").await;
    let second = second["access_token"].as_str().expect("a token").to_owned();
    let kid = |token: &str| {
        let head = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a head")).expect("bytes");
        serde_json::from_slice::<Value>(&head).expect("JSON")["kid"].clone()
    };
    assert_eq!(kid(&second), rotated.json()["kid"]);
    assert_ne!(kid(&first), kid(&second));
    house.clock.advance_to(house.clock.now().plus_seconds(361));
    assert_eq!(keys().await, 1, "the old key has gone with its last token");
    // In time another one signs by itself.
    house.clock.advance_to(house.clock.now().plus_seconds(90 * 86_400));
    house.app.sso.keep(house.clock.now()).await.expect("kept");
    assert_eq!(keys().await, 2);
}

#[tokio::test]
async fn consent_to_password_free_payment_makes_the_agreement_and_taking_it_back_ends_it() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let merchant = house.app.members.merchants()[0].merchant;
    let mut paying = terms(1, "openid pay:password-free");
    paying["password_free"] = json!({ "merchant": merchant.to_string(),
        "per_order_minor": 20_000, "per_day_minor": 100_000 });
    let shop = Client::register(&house, &paying).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONE, "openid pay:password-free").await;
    let access = tokens["access_token"].as_str().expect("a token");
    let user = user.parse().expect("a user");
    let agreed = async || house.app.members.agreement(FREE, user, merchant).await.expect("asked");
    let agreement = agreed().await.expect("an agreement");
    assert_eq!(agreement.per_order.signed(), 20_000);
    assert_eq!(shop.introspect(access).await["scope"], "openid pay:password-free");
    // Ended elsewhere, the scope goes with it.
    let now = house.clock.now();
    house.app.members.revoke_agreement(FREE, user, merchant, now).await.expect("ended");
    assert_eq!(shop.introspect(access).await["scope"], "openid");
    shop.tokens(&mut browser, PHONE, "openid pay:password-free").await;
    assert!(agreed().await.is_some());
    let grants = house.app.sso.grants(user, now).await.expect("listed");
    assert_eq!(grants.len(), 2);
    let withdrawn =
        browser.post("/oauth/account/withdraw", &[("grant", &grants[0].grant.to_string())]).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER, "{}", withdrawn.body);
    assert!(agreed().await.is_none());
    // A user without a real name cannot agree; the client learns no more than that.
    let mut stranger = Browser::new(&house, &town);
    let ask = shop.authorize(&[("scope", "openid pay:password-free")]);
    let back = stranger.answer(&ask, "13800000777", "allow").await;
    let told = parameters(&back);
    assert_eq!(told.get("error"), Some("access_denied"));
    assert!(told.get("error_description").is_some_and(|d| d.starts_with("agreement_refused")));
}
