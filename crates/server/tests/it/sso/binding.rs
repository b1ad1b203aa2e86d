//! Business users: many to one user, each to one at a time, unbound and bound anew at will.

use super::browser::Browser;
use super::client::{Client, refused, terms};
use crate::house::{House, Reply, TOKEN};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;

const PHONES: [&str; 2] = ["13800000001", "13800000002"];

async fn bind(house: &House, token: &str, business_user: &str) -> Reply {
    house.api("POST", "/v1/bindings", token, &json!({ "business_user": business_user })).await
}

async fn unbind(house: &House, token: &str, business_user: &str) -> Reply {
    let body = json!({ "business_user": business_user });
    house.api("POST", "/v1/bindings/unbind", token, &body).await
}

#[tokio::test]
async fn many_to_one_and_each_to_one_at_a_time() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid bind")).await;
    let rides = Client::register(&house, &terms(1, "openid bind")).await;
    let token = async |client: &Client<'_>, phone: &str, scope: &str| {
        let mut browser = Browser::new(&house, &town);
        let tokens = client.tokens(&mut browser, phone, scope).await;
        tokens["access_token"].as_str().expect("a token").to_owned()
    };
    let first = token(&shop, PHONES[0], "openid bind").await;
    let bound = bind(&house, &first, "u-1").await;
    assert_eq!(bound.status, StatusCode::OK, "{}", bound.body);
    assert_eq!(bind(&house, &first, "u-1").await.json(), bound.json(), "again");
    assert_eq!(bind(&house, &first, "u-2").await.status, StatusCode::OK, "many to one");
    let second = token(&shop, PHONES[1], "openid bind").await;
    let taken = bind(&house, &second, "u-1").await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert_eq!(taken.problem(), ("binding_exists".into(), Some("business_user".into())));
    assert_eq!(unbind(&house, &second, "u-1").await.problem().0, "binding_not_found", "not his");
    // Another system's user of the same name is somebody else, and neither sees the other's.
    let elsewhere = token(&rides, PHONES[0], "openid bind").await;
    assert_eq!(bind(&house, &elsewhere, "u-1").await.status, StatusCode::OK);
    let listed = async |token: &str| {
        let body = house.api("GET", "/v1/bindings", token, &Value::Null).await.json();
        let all = body["bindings"].as_array().expect("a list").iter();
        let mut all: Vec<String> =
            all.map(|b| b["business_user"].as_str().expect("text").to_owned()).collect();
        all.sort();
        all
    };
    let first = token(&shop, PHONES[0], "openid bind").await;
    assert_eq!(listed(&first).await, ["u-1", "u-2"]);
    assert_eq!(listed(&token(&rides, PHONES[0], "openid bind").await).await, ["u-1"]);
    assert_eq!(unbind(&house, &first, "u-1").await.status, StatusCode::NO_CONTENT);
    assert_eq!(unbind(&house, &first, "u-1").await.problem().0, "binding_not_found");
    let second = token(&shop, PHONES[1], "openid bind").await;
    assert_eq!(bind(&house, &second, "u-1").await.status, StatusCode::OK, "bound anew");
    let user =
        house.app.members.user_by_phone(&types::Masked::new(PHONES[0])).await.expect("asked");
    let path = format!("/v1/admin/users/{}/sign-ons", user.expect("a user"));
    let all = house.api("GET", &path, TOKEN, &Value::Null).await.json();
    assert_eq!(all["bindings"].as_array().expect("a list").len(), 2, "u-2 and the other system's");
}

#[tokio::test]
async fn without_the_users_consent_nothing_is_bound() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let shop = Client::register(&house, &terms(1, "openid bind")).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONES[0], "openid").await;
    let unbound = tokens["access_token"].as_str().expect("a token");
    let reply = bind(&house, unbound, "u-1").await;
    assert_eq!(
        (reply.status, reply.problem().0.as_str()),
        (StatusCode::FORBIDDEN, "scope_missing")
    );
    for token in ["invented", TOKEN, tokens["id_token"].as_str().expect("an ID token")] {
        assert_eq!(bind(&house, token, "u-1").await.problem().0, "token_invalid", "{token}");
    }
    let json = [("content-type", "application/json")];
    let reply = house.call("POST", "/v1/bindings", &json, r#"{"business_user":"u"}"#).await;
    assert_eq!(reply.problem().0, "token_missing");
    let tokens = shop.tokens(&mut browser, PHONES[0], "bind").await;
    let token = tokens["access_token"].as_str().expect("a token");
    let long = "u".repeat(129);
    for bad in ["", " u", "u\n", &long] {
        assert_eq!(bind(&house, token, bad).await.problem().0, "business_user_invalid", "{bad:?}");
    }
    let bearer = format!("Bearer {token}");
    let told = house.call("GET", "/oauth/userinfo", &[("authorization", &bearer)], "").await;
    assert_eq!(refused(&told).1, "scope_missing");
}
