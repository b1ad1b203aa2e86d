//! Systems of a higher grade authorise those of a lower one, never the other way.

use super::browser::Browser;
use super::client::{Client, refused, terms};
use crate::house::{House, Reply};
use axum::http::StatusCode;
use serde_json::json;
use testhouse::Town;

const PHONE: &str = "13800000001";

async fn pass_on(from: &Client<'_>, token: &str, to: &str, scope: &str) -> Reply {
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", to),
        ("scope", scope),
    ];
    from.post("/oauth/token", &fields, None).await
}

#[tokio::test]
async fn only_downwards_and_only_for_less() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let high = Client::register(&house, &terms(3, "openid profile bind offline_access")).await;
    let low = Client::register(&house, &terms(1, "openid profile phone bind")).await;
    let equal = Client::register(&house, &terms(3, "openid")).await;
    let mut app = terms(5, "openid");
    app["proving"] = json!({ "method": "none" });
    let app = Client::register(&house, &app).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = high.tokens(&mut browser, PHONE, "openid profile bind").await;
    let held = tokens["access_token"].as_str().expect("a token");
    let passed = pass_on(&high, held, &low.id, "openid").await;
    assert_eq!(passed.status, StatusCode::OK, "{}", passed.body);
    let passed = passed.json()["access_token"].as_str().expect("a token").to_owned();
    let known = low.introspect(&passed).await;
    assert_eq!((&known["active"], &known["client_id"]), (&json!(true), &json!(low.id)));
    assert_eq!(high.introspect(&passed).await["active"], true, "the higher sees the lower's");
    assert_eq!(low.introspect(held).await, json!({ "active": false }), "and not the other way");
    for (from, token, to, scope, error, code) in [
        (&high, held, &equal.id, "openid", "invalid_target", "grade_not_lower"),
        (&high, held, &high.id, "openid", "invalid_target", "grade_not_lower"),
        (&low, passed.as_str(), &high.id, "openid", "invalid_token", "token_invalid"),
        (
            &high,
            held,
            &"cli_00000000000000000000000001".to_owned(),
            "openid",
            "invalid_target",
            "grade_not_lower",
        ),
        (&high, held, &low.id, "openid phone", "invalid_scope", "scope_widened"),
        (&high, held, &low.id, "bind", "invalid_scope", "scope_widened"),
        (&high, held, &low.id, "offline_access", "invalid_scope", "scope_not_allowed"),
        (&equal, held, &low.id, "openid", "invalid_token", "token_invalid"),
        (&high, "invented", &low.id, "openid", "invalid_token", "token_invalid"),
        (&app, held, &low.id, "openid", "unauthorized_client", "exchange_refused"),
    ] {
        let reply = pass_on(from, token, to, scope).await;
        assert_eq!(refused(&reply), (error.to_owned(), code.to_owned()), "{to} {scope}");
    }
    let own = low.tokens(&mut browser, PHONE, "openid").await;
    let own = own["access_token"].as_str().expect("a token");
    let upwards = pass_on(&low, own, &high.id, "openid").await;
    assert_eq!(refused(&upwards).1, "grade_not_lower");
    // What was passed on ends with what it was passed on from.
    high.post("/oauth/revoke", &[("token", held)], None).await;
    assert_eq!(low.introspect(&passed).await, json!({ "active": false }));
}
