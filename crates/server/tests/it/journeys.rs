//! What merchants and operators come for, through the router and the real rooms.

use crate::house::{House, TOKEN};
use axum::http::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn a_merchant_registers_a_user_and_sees_itself() {
    let house = House::open().await;
    let key = house.merchant().await;
    let phone = json!({ "phone": "13800138000" });
    let reply = house.api("POST", "/v1/users", &key, &phone).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let user = reply.json()["user"].as_str().expect("an id").to_owned();
    let shown = house.api("GET", &format!("/v1/users/{user}"), &key, &Value::Null).await.json();
    assert_eq!((&shown["phone"], &shown["active"]), (&json!("138******00"), &json!(true)));
    let again = house.api("POST", "/v1/users", &key, &phone).await;
    assert_eq!(again.problem(), ("phone_taken".to_owned(), Some("phone".to_owned())));
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    assert_eq!(merchant["pending"]["balance_minor"], 0);
    assert_eq!(merchant["name"]["zh"], "莲花茶铺");
    let path = format!("/v1/users/{user}/password-nonce");
    let nonce = house.api("POST", &path, &key, &Value::Null).await;
    assert!(nonce.json()["nonce"].as_str().is_some_and(|nonce| nonce.len() >= 32));
    let public = house.api("GET", "/v1/password-key", &key, &Value::Null).await.json();
    assert!(public["public_key"].as_str().is_some_and(|key| key.len() == 43), "{public}");
}

#[tokio::test]
async fn a_new_house_proves_itself() {
    let house = House::open().await;
    let proofs = house.api("GET", "/v1/admin/proofs", TOKEN, &Value::Null).await;
    let all = json!({
        "debits_equal_credits": true,
        "subledger_equals_gl": true,
        "reserve_covers_liabilities": true,
        "orders_equal_ledger": true,
    });
    assert_eq!(proofs.json(), all);
    let unfinished = house.api("GET", "/v1/admin/unfinished", TOKEN, &Value::Null).await;
    assert_eq!(unfinished.json(), json!({ "unfinished": 0, "processing": 0 }));
    let balance = house.api("GET", "/v1/admin/trial-balance/2026-10-12", TOKEN, &Value::Null);
    assert_eq!(balance.await.json()["balanced"], true);
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(house.call("GET", path, &[], "").await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn an_operator_freezes_and_lifts() {
    let house = House::open().await;
    let key = house.merchant().await;
    let phone = json!({ "phone": "13800138000" });
    let user = house.api("POST", "/v1/users", &key, &phone).await.json()["user"].clone();
    let entry = json!({
        "target": { "user": user },
        "who": "risk desk",
        "reason": "stolen phone",
        "level": "risk",
        "scope": "both",
    });
    let reply = house.api("POST", "/v1/admin/freezes", TOKEN, &entry).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let id = reply.json()["id"].as_str().expect("an id").to_owned();
    let active = || async {
        let path = format!("/v1/users/{}", user.as_str().expect("an id"));
        house.api("GET", &path, &key, &Value::Null).await.json()["active"].clone()
    };
    assert_eq!(active().await, false);
    let lift = |level: &str| format!("/v1/admin/freezes/{id}?level={level}&who=desk&reason=found");
    let low = house.api("DELETE", &lift("own"), TOKEN, &Value::Null).await;
    assert_eq!(low.problem().0, "lift_refused");
    let reply = house.api("DELETE", &lift("risk"), TOKEN, &Value::Null).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    assert_eq!(active().await, true);
}

#[tokio::test]
async fn a_channel_goes_off_line_and_the_audit_log_says_who() {
    let house = House::open().await;
    let off = json!({ "on_line": false });
    let reply = house.api("POST", "/v1/admin/channels/card", TOKEN, &off).await;
    assert_eq!(reply.json(), off);
    assert!(!house.app.channels.list().iter().any(|c| c.terms.code == "card" && c.on_line));
    let lines = records::audit::list(&house.app.records, Some("card"), None, 10).await;
    let lines = lines.expect("the log");
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].actor.as_str(), lines[0].action.as_str()),
        ("operator", "channel.on_line")
    );
}

#[tokio::test]
async fn an_order_through_a_silent_channel_is_processing_and_only_its_merchants() {
    let house = House::open().await;
    let key = house.merchant().await;
    let phone = json!({ "phone": "13800138000" });
    let user = house.api("POST", "/v1/users", &key, &phone).await.json()["user"].clone();
    let order = json!({
        "order_no": "M-1",
        "kind": "payment",
        "user": user,
        "amount_minor": 1_234,
        "currency": "CNY",
        "method": { "type": "channel", "channel": "card", "instrument": "card_1" },
        "authentication": { "type": "by_channel" },
        "subject": "<b>tea</b>",
    });
    let placed = house.api("POST", "/v1/orders", &key, &order).await;
    assert_eq!(placed.status, StatusCode::OK, "{}", placed.body);
    let placed = placed.json();
    assert_eq!((&placed["order_no"], &placed["amount_minor"]), (&json!("M-1"), &json!(1_234)));
    assert_eq!(placed["status"], "processing", "{placed}");
    let id = placed["id"].as_str().expect("an id").to_owned();
    let again = house.api("POST", "/v1/orders", &key, &order).await.json();
    assert_eq!(again["id"], placed["id"], "the same number is the same order");
    let mut other = order.clone();
    other["amount_minor"] = json!(1_235);
    let conflict = house.api("POST", "/v1/orders", &key, &other).await;
    assert_eq!(conflict.problem().0, "idempotency_conflict");
    let listed = house.api("GET", "/v1/orders?order_no=M-1", &key, &Value::Null).await.json();
    assert_eq!(listed["orders"][0]["id"], placed["id"]);
    // Another merchant does not learn that it exists.
    let stranger = house.stranger().await;
    let path = format!("/v1/orders/{id}");
    let reply = house.api("GET", &path, &stranger, &Value::Null).await;
    assert_eq!(reply.problem().0, "order_not_found");
    // The console shows it, with what people wrote escaped.
    let cookie = house.session().await;
    let page = house.call("GET", &format!("/orders/{id}"), &[("cookie", &cookie)], "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("&#60;b&#62;tea") && !page.body.contains("<b>tea"));
}
