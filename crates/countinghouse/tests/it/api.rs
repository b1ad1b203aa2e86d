//! Merchants over HTTP against the real binary: every wrong input gets one clear problem and
//! changes nothing; orders survive kill -9 under load.

use crate::house::{House, run};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

/// A small institution to begin with.
pub fn founded(folder: &Path) {
    let shown = folder.display().to_string();
    let output = run(&["demo", "--exit", "--orders", "20", "--json", "--data-dir", &shown]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A merchant of its own, as its API key.
pub async fn merchant(house: &House, credit_code: &str) -> String {
    let body = json!({
        "name": {"en": "Lotus Tea", "zh": "莲花茶铺"}, "uscc": credit_code,
        "fee_plan": "standard", "cycle": "T+1"
    });
    let token = house.token.clone();
    let (status, answer) =
        house.send(Method::POST, "/v1/admin/merchants", &token, &body.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    answer["api_key"].as_str().expect("a key").to_owned()
}

pub async fn user(house: &House, key: &str, phone: &str) -> String {
    let body = json!({ "phone": phone }).to_string();
    let (status, answer) = house.send(Method::POST, "/v1/users", key, &body).await;
    assert_eq!(status, 200, "{answer}");
    answer["user"].as_str().expect("an id").to_owned()
}

fn order(user: &str, number: &str, amount: i64) -> Value {
    json!({
        "order_no": number, "kind": "payment", "user": user, "amount_minor": amount,
        "currency": "CNY", "subject": "tea",
        "method": {"type": "channel", "channel": "wallet", "instrument": "wallet_1"},
        "authentication": {"type": "by_channel"}
    })
}

fn with(mut body: Value, field: &str, value: Value) -> String {
    body[field] = value;
    body.to_string()
}

#[tokio::test]
async fn every_wrong_input_is_named_and_changes_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    founded(&folder);
    let house = House::open(&folder);
    let key = merchant(&house, "91330100799655058B").await;
    let user = user(&house, &key, "13800138000").await;
    let good = order(&user, "n1", 1_299);
    let nobody = good.to_string().replace(&user, "usr_00000000000000000000000000");
    let table = [
        ("malformed JSON", "{".to_owned(), 400, "malformed_json", None),
        ("unknown field", with(good.clone(), "tip", json!(1)), 400, "unknown_field", Some("tip")),
        (
            "negative",
            with(good.clone(), "amount_minor", json!(-1)),
            400,
            "amount_not_positive",
            Some("amount"),
        ),
        (
            "zero",
            with(good.clone(), "amount_minor", json!(0)),
            400,
            "amount_not_positive",
            Some("amount"),
        ),
        (
            "too large",
            with(good.clone(), "amount_minor", json!(i64::MAX)),
            400,
            "amount_too_large",
            Some("amount"),
        ),
        (
            "no integer",
            with(good.clone(), "amount_minor", json!(1.5)),
            400,
            "invalid_field",
            Some("amount_minor"),
        ),
        (
            "currency",
            with(good.clone(), "currency", json!("USD")),
            400,
            "currency_unsupported",
            Some("currency"),
        ),
        ("unknown user", nobody, 404, "user_not_found", None),
        (
            "malformed user",
            with(good.clone(), "user", json!("me")),
            400,
            "invalid_field",
            Some("user"),
        ),
    ];
    for (case, body, status, code, field) in table {
        let (got, problem) = house.send(Method::POST, "/v1/orders", &key, &body).await;
        assert_eq!(problem["code"], code, "{case}: {problem}");
        assert_eq!(got, status, "{case}: {problem}");
        if let Some(field) = field {
            let named = problem["field"].as_str().expect("a field");
            assert!(named.starts_with(field), "{case}: {problem}");
        }
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{case}");
    }
    let (status, problem) =
        house.send(Method::POST, "/v1/orders", "wrong", &good.to_string()).await;
    assert_eq!((status, &problem["code"]), (401, &json!("api_key_invalid")));
    let (_, listed) = house.send(Method::GET, "/v1/orders", &key, "").await;
    assert_eq!(listed["orders"].as_array().map(Vec::len), Some(0), "{listed}");

    let (status, first) = house.send(Method::POST, "/v1/orders", &key, &good.to_string()).await;
    assert_eq!(status, 200, "{first}");
    let (_, again) = house.send(Method::POST, "/v1/orders", &key, &good.to_string()).await;
    assert_eq!(again["id"], first["id"], "the same key and body: the same order");
    let other = order(&user, "n1", 1_300).to_string();
    let (status, problem) = house.send(Method::POST, "/v1/orders", &key, &other).await;
    assert_eq!((status, &problem["code"]), (409, &json!("idempotency_conflict")), "{problem}");
    house.finish().await;
    house.prove().await;
}

#[tokio::test]
async fn acknowledged_orders_survive_kill_9_under_load_and_are_there_once() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    founded(&folder);
    let mut house = House::open(&folder);
    let key = merchant(&house, "91330100799655058B").await;
    let user = user(&house, &key, "13800138000").await;
    let mut acknowledged: Vec<(String, Value)> = Vec::new();
    for round in 0..3 {
        let mut number = 0;
        let until = std::time::Instant::now() + crate::crash::instant(300, 1_500);
        while std::time::Instant::now() < until {
            let named = format!("r{round}n{number}");
            let body = order(&user, &named, 100 + number).to_string();
            let (status, answer) = house.send(Method::POST, "/v1/orders", &key, &body).await;
            assert_eq!(status, 200, "{answer}");
            acknowledged.push((named, answer));
            number += 1;
        }
        house.kill();
        house = House::open(&folder);
    }
    house.finish().await;
    for (named, first) in &acknowledged {
        let path = format!("/v1/orders/{}", first["id"].as_str().expect("an id"));
        let (status, now) = house.send(Method::GET, &path, &key, "").await;
        assert_eq!(status, 200, "{named} is lost: {now}");
        assert_eq!(now["order_no"], named.as_str());
        assert!(matches!(now["status"].as_str(), Some("succeeded" | "failed")), "{now}");
        if first["status"] == "succeeded" {
            assert_eq!(now["status"], "succeeded", "{now}");
        }
    }
    assert!(acknowledged.len() > 10, "the load was too light: {}", acknowledged.len());
    house.prove().await;
}
