//! Every bad input is one clear problem: a code, the field, a reason; nothing changed.

use crate::house::{House, TOKEN, merchant_body};
use axum::http::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn who_does_not_say_who_it_is_learns_nothing() {
    let house = House::open().await;
    let key = house.merchant().await;
    for (path, header, code) in [
        ("/v1/merchant", None, "api_key_missing"),
        ("/v1/merchant", Some("Basic abc"), "api_key_missing"),
        ("/v1/merchant", Some("Bearer "), "api_key_missing"),
        ("/v1/merchant", Some("Bearer wrong"), "api_key_invalid"),
        ("/v1/admin/unfinished", None, "operator_token_missing"),
        ("/v1/admin/unfinished", Some("Bearer wrong"), "operator_token_invalid"),
    ] {
        let headers: Vec<_> = header.map(|value| ("authorization", value)).into_iter().collect();
        let reply = house.call("GET", path, &headers, "").await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path} {header:?}");
        let field = Some("authorization".to_owned());
        assert_eq!(reply.problem(), (code.to_owned(), field), "{path} {header:?}");
    }
    // Neither credential opens the other's door.
    let reply = house.api("GET", "/v1/admin/unfinished", &key, &Value::Null).await;
    assert_eq!(reply.problem().0, "operator_token_invalid");
    let reply = house.api("GET", "/v1/merchant", TOKEN, &Value::Null).await;
    assert_eq!(reply.problem().0, "api_key_invalid");
}

fn order() -> Value {
    json!({
        "order_no": "M-1",
        "kind": "payment",
        "user": "usr_00000000000000000000000001",
        "amount_minor": 100,
        "currency": "CNY",
        "method": { "type": "balance" },
        "authentication": { "type": "password_free" },
        "subject": "tea",
    })
}

#[tokio::test]
async fn bodies_are_bounded_and_of_the_right_kind() {
    let house = House::open().await;
    let bearer = format!("Bearer {}", house.merchant().await);
    let json = "application/json";
    for (media, body, code) in [
        ("text/plain", "{}".to_owned(), "unsupported_media_type"),
        (json, " ".repeat((1 << 20) + 1), "body_too_large"),
    ] {
        let headers = [("authorization", bearer.as_str()), ("content-type", media)];
        let reply = house.call("POST", "/v1/users", &headers, body).await;
        assert_eq!(reply.problem().0, code);
    }
}

#[tokio::test]
async fn ids_dates_and_queries_are_read_strictly() {
    let house = House::open().await;
    let key = house.merchant().await;
    for (path, key, status, code) in [
        ("/v1/orders/ord_1", key.as_str(), 400, "id_malformed"),
        ("/v1/orders/usr_00000000000000000000000001", &key, 400, "id_malformed"),
        ("/v1/orders/ord_00000000000000000000000001", &key, 404, "order_not_found"),
        ("/v1/orders?colour=1", &key, 400, "query_invalid"),
        ("/v1/orders?limit=many", &key, 400, "query_invalid"),
        ("/v1/users/usr_00000000000000000000000001", &key, 404, "user_not_found"),
        ("/v1/admin/trial-balance/2026-2-3", TOKEN, 400, "date_malformed"),
        ("/v1/admin/accounts/acc_00000000000000000000000001", TOKEN, 404, "account_not_found"),
        ("/v1/nothing", &key, 404, "route_not_found"),
    ] {
        let reply = house.api("GET", path, key, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.problem().0.as_str()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn a_problem_speaks_the_readers_language() {
    let house = House::open().await;
    for (language, detail) in [("zh-CN", "密钥"), ("en", "API key")] {
        let headers = [("accept-language", language)];
        let reply = house.call("GET", "/v1/merchant", &headers, "").await;
        assert!(reply.json()["detail"].as_str().expect("text").contains(detail), "{}", reply.body);
        assert_eq!(reply.header("content-language"), language);
    }
}

#[tokio::test]
async fn an_unknown_fee_plan_and_an_unknown_channel_are_refused() {
    let house = House::open().await;
    let mut body = merchant_body();
    body["fee_plan"] = json!("gratis");
    let reply = house.api("POST", "/v1/admin/merchants", TOKEN, &body).await;
    assert_eq!(reply.problem(), ("fee_plan_unknown".to_owned(), Some("fee_plan".to_owned())));
    let on_line = json!({ "on_line": false });
    let reply = house.api("POST", "/v1/admin/channels/none", TOKEN, &on_line).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.body);
}

#[tokio::test]
async fn the_header_and_the_body_may_not_name_two_numbers() {
    let house = House::open().await;
    let bearer = format!("Bearer {}", house.merchant().await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "M-2"),
    ];
    let reply = house.call("POST", "/v1/orders", &headers, order().to_string()).await;
    assert_eq!(reply.problem().0, "idempotency_key_mismatch");
}
