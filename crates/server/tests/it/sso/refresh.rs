//! Refresh tokens: each once, never for more, and the whole family ends with a stolen one.

use super::browser::Browser;
use super::client::{Client, refused, terms};
use crate::house::{House, TOKEN};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

const PHONE: &str = "13800000001";

fn text(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().expect(name).to_owned()
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_family() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid profile offline_access")).await;
    let other = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let first = shop.tokens(&mut browser, PHONE, "openid offline_access").await;
    let second = shop.refresh(&text(&first, "refresh_token")).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second = second.json();
    let newest = text(&second, "refresh_token");
    assert_ne!(text(&first, "refresh_token"), newest);
    for (scope, refusal) in [
        ("openid profile", "scope_widened"),
        ("openid phone", "scope_widened"),
        ("admin", "scope_unknown"),
    ] {
        let fields =
            [("grant_type", "refresh_token"), ("refresh_token", newest.as_str()), ("scope", scope)];
        assert_eq!(refused(&shop.post("/oauth/token", &fields, None).await).1, refusal, "{scope}");
    }
    assert_eq!(refused(&other.refresh(&newest).await).1, "refresh_of_other_client");
    let reused = shop.refresh(&text(&first, "refresh_token")).await;
    assert_eq!(refused(&reused), ("invalid_grant".into(), "refresh_reused".into()));
    assert_eq!(refused(&shop.refresh(&newest).await).1, "refresh_unknown", "the family has ended");
    let access = text(&second, "access_token");
    assert_eq!(shop.introspect(&access).await, json!({ "active": false }));
}

#[tokio::test]
async fn less_may_be_asked_for_and_revocation_ends_everything() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid profile offline_access")).await;
    let other = Client::register(&house, &terms(1, "openid")).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONE, "openid profile offline_access").await;
    let first = text(&tokens, "refresh_token");
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", first.as_str()), ("scope", "openid")];
    let less = shop.post("/oauth/token", &fields, None).await.json();
    assert_eq!(less["scope"], "openid");
    let newest = text(&less, "refresh_token");
    assert_eq!(shop.introspect(&newest).await["active"], true);
    let revoke = async |client: &Client<'_>, token: &str| {
        client.post("/oauth/revoke", &[("token", token)], None).await.status
    };
    assert_eq!(revoke(&other, &newest).await, StatusCode::OK, "told alike");
    assert_eq!(shop.introspect(&newest).await["active"], true, "but not another's");
    assert_eq!(revoke(&shop, "invented").await, StatusCode::OK);
    assert_eq!(revoke(&shop, &text(&less, "access_token")).await, StatusCode::OK);
    assert_eq!(shop.introspect(&newest).await, json!({ "active": false }));
    assert_eq!(refused(&shop.refresh(&newest).await).1, "refresh_unknown");
}

#[tokio::test]
async fn a_barred_user_and_a_client_out_of_use_refresh_nothing() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid offline_access")).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONE, "openid offline_access").await;
    let user = house.app.members.user_by_phone(&types::Masked::new(PHONE)).await.expect("asked");
    let frozen = house.app.members.freeze(entry(user.expect("a user")), house.clock.now()).await;
    frozen.expect("frozen");
    let token = text(&tokens, "refresh_token");
    assert_eq!(refused(&shop.refresh(&token).await).1, "user_barred");
    let path = format!("/v1/admin/clients/{}", shop.id);
    let gone = house.api("DELETE", &path, TOKEN, &Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert_eq!(refused(&shop.refresh(&token).await).0, "invalid_client");
    assert_eq!(
        house.api("DELETE", &path, TOKEN, &Value::Null).await.problem().0,
        "client_not_found"
    );
}

fn entry(user: types::UserId) -> members::NewEntry {
    members::NewEntry {
        target: members::Target::User(user),
        who: "operator".to_owned(),
        reason: "test".to_owned(),
        document: None,
        level: members::FreezeLevel::Risk,
        scope: members::Scope::Both,
        until: None,
    }
}
