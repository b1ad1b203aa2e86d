//! Requests on their way: pushed, or in one browser; answered once, from our own pages.

use super::browser::{Browser, form, location, parameters};
use super::client::{BACK, Client, VERIFIER, refused, terms};
use crate::house::House;
use axum::http::StatusCode;
use serde_json::json;
use sso::model::form::extend;
use sso::model::pkce;
use testhouse::Town;
use types::Clock;

const PHONE: &str = "13800000001";

async fn push(shop: &Client<'_>, changes: &[(&str, &str)]) -> crate::house::Reply {
    let challenge = pkce::of_verifier(VERIFIER);
    let mut all = vec![
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("scope", "openid"),
        ("state", "st"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    shop.post("/oauth/par", &all, None).await
}

#[tokio::test]
async fn a_pushed_request_is_brought_once_by_its_client_in_its_minute() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let mut pushing = terms(1, "openid");
    pushing["require_par"] = json!(true);
    let shop = Client::register(&house, &pushing).await;
    let other = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let unpushed = browser.get(&shop.authorize(&[])).await;
    assert!(unpushed.body.contains("par_needed"), "{}", unpushed.body);
    for (change, code) in [
        (("redirect_uri", "https://evil.example/cb"), "redirect_uri_mismatch"),
        (("code_challenge_method", "plain"), "pkce_method_refused"),
        (("scope", "openid phone"), "scope_not_allowed"),
        (("request_uri", "urn:x"), "oauth_parameter_invalid"),
        (("client_id", other.id.as_str()), "client_authentication_failed"),
    ] {
        assert_eq!(refused(&push(&shop, &[change]).await).1, code, "{change:?}");
    }
    let pushed = push(&shop, &[]).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let uri = pushed.json()["request_uri"].as_str().expect("a name").to_owned();
    let bring = |client: &str, uri: &str| {
        extend("/oauth/authorize", &[("client_id", client), ("request_uri", uri)])
    };
    for (client, uri) in [
        (other.id.as_str(), uri.as_str()),
        (&shop.id, "urn:ietf:params:oauth:request_uri:invented"),
        (&shop.id, "https://evil.example/request.jwt"),
    ] {
        let reply = browser.get(&bring(client, uri)).await;
        assert!(reply.body.contains("authorization_request_unknown"), "{uri}: {}", reply.body);
    }
    let back = browser.answer(&bring(&shop.id, &uri), PHONE, "allow").await;
    let code = parameters(&back).get("code").expect("a code").to_owned();
    assert_eq!(shop.redeem(&code).await.status, StatusCode::OK);
    let again = browser.get(&bring(&shop.id, &uri)).await;
    assert!(again.body.contains("authorization_request_unknown"), "brought twice");
    let late = push(&shop, &[]).await.json()["request_uri"].as_str().expect("a name").to_owned();
    house.clock.advance_to(house.clock.now().plus_seconds(60));
    let late = browser.get(&bring(&shop.id, &late)).await;
    assert!(late.body.contains("authorization_request_unknown"), "too late");
}

#[tokio::test]
async fn a_request_belongs_to_one_browser_and_is_answered_once_from_our_own_page() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let (mut browser, mut thief) = (Browser::new(&house, &town), Browser::new(&house, &town));
    let here = location(&browser.get(&shop.authorize(&[])).await);
    for path in [here.clone(), "/oauth/requests/invented".to_owned()] {
        let reply = thief.get(&path).await;
        assert!(reply.body.contains("authorization_request_unknown"), "{}", reply.body);
    }
    let reply = thief.post(&format!("{here}/answer"), &[("answer", "allow")]).await;
    assert!(reply.body.contains("authorization_request_unknown"));
    let reply = browser.post(&format!("{here}/answer"), &[("answer", "allow")]).await;
    assert!(reply.body.contains("sign_in_needed"), "nobody has signed in: {}", reply.body);
    browser.sign_in(&here, PHONE).await;
    let page = browser.get(&here).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    assert!(policy.contains("script-src 'none'") && policy.contains("frame-ancestors 'none'"));
    // A form of another site: neither its origin nor none.
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let path = format!("{here}/answer");
        let reply = house.call("POST", &path, &headers, form(&[("answer", "allow")])).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{origin:?}");
        assert!(reply.body.contains("cross_site_request"));
    }
    let done = browser.post(&format!("{here}/answer"), &[("answer", "allow")]).await;
    assert!(location(&done).contains("code="));
    let again = browser.post(&format!("{here}/answer"), &[("answer", "allow")]).await;
    assert!(again.body.contains("authorization_request_unknown"));
}

#[tokio::test]
async fn who_is_asked_to_sign_in_anew_does_so_once() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let pass = |seconds| house.clock.advance_to(house.clock.now().plus_seconds(seconds));
    for age in ["0", "5"] {
        let here = location(&browser.get(&shop.authorize(&[("max_age", age)])).await);
        pass(10);
        let page = browser.get(&here).await;
        assert!(page.body.contains("name=\"phone\""), "too long ago, if ever: {}", page.body);
        browser.sign_in(&here, PHONE).await;
        pass(10);
        let done = browser.post(&format!("{here}/answer"), &[("answer", "allow")]).await;
        assert!(location(&done).contains("code="), "{}", done.body);
    }
}

#[tokio::test]
async fn a_wrong_code_signs_nobody_in_and_says_so_on_the_page() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let here = location(&browser.get(&shop.authorize(&[])).await);
    let page = browser.post(&format!("{here}/code"), &[("phone", "12")]).await;
    assert!(page.body.contains("role=\"alert\""), "{}", page.body);
    browser.post(&format!("{here}/code"), &[("phone", PHONE)]).await;
    let right = town.sms().last(PHONE).expect("a message");
    let wrong = if right == "123456" { "654321" } else { "123456" };
    let fields = [("phone", PHONE), ("code", wrong)];
    let page = browser.post(&format!("{here}/sign-in"), &fields).await;
    assert!(page.body.contains("role=\"alert\""), "{}", page.body);
    // The code of one errand is none for another.
    let elsewhere = location(&browser.get(&shop.authorize(&[])).await);
    let fields = [("phone", PHONE), ("code", right.as_str())];
    let page = browser.post(&format!("{elsewhere}/sign-in"), &fields).await;
    assert!(page.body.contains("role=\"alert\""), "{}", page.body);
    assert!(browser.get("/oauth/account").await.body.contains("sign_in_needed"));
    let done = browser.post(&format!("{here}/sign-in"), &fields).await;
    assert_eq!(location(&done), here);
    assert_eq!(browser.get("/oauth/account").await.status, StatusCode::OK);
    browser.post("/oauth/account/sign-out", &[]).await;
    assert!(browser.get("/oauth/account").await.body.contains("sign_in_needed"));
}

#[tokio::test]
async fn an_app_signs_its_user_in_by_the_sealed_payment_password() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let shop = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let here = location(&browser.get(&shop.authorize(&[])).await);
    let path = format!("{here}/password");
    for (order, payee, password, code) in [
        ("sso.sign-in", "cli_other", crate::people::PASSWORD, "envelope_invalid"),
        ("password.change", shop.id.as_str(), crate::people::PASSWORD, "envelope_invalid"),
        ("sso.sign-in", &shop.id, crate::people::WRONG, "password_wrong"),
    ] {
        let bound = crate::people::binding(order, 0, payee);
        let envelope = house.seal(&key, &user, &bound, password).await;
        let reply = browser.post_json(&path, &json!({ "user": user, "envelope": envelope })).await;
        assert_eq!(reply.problem().0, code, "{order} {payee}");
    }
    let bound = crate::people::binding("sso.sign-in", 0, &shop.id);
    let envelope = house.seal(&key, &user, &bound, crate::people::PASSWORD).await;
    let reply = browser.post_json(&path, &json!({ "user": user, "envelope": envelope })).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    let done = location(&browser.post(&format!("{here}/answer"), &[("answer", "allow")]).await);
    let code = parameters(&done).get("code").expect("a code").to_owned();
    let tokens = shop.redeem(&code).await.json();
    let id = super::code_flow::claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!((&id["acr"], &id["amr"]), (&json!("3"), &json!(["pin"])));
}
