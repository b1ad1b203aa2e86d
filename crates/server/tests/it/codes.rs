//! One-time codes over HTTP.

use crate::house::House;
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

#[tokio::test]
async fn a_code_is_sent_to_the_phone_and_shown_to_nobody_else() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.register(&key, 1).await;
    let path = format!("/v1/users/{user}/codes");
    let sent = house.api("POST", &path, &key, &json!({ "purpose": "password_reset" })).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    assert_eq!(sent.json()["phone"], "138******01");
    let code = town.sms().last("13800000001").expect("a message");
    assert!(!sent.body.contains(&code));
    let again = house.api("POST", &path, &key, &json!({ "purpose": "password_reset" })).await;
    assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(again.problem().0, "code_too_soon");
    for (body, code) in [
        (json!({ "purpose": "anything" }), "invalid_field"),
        (json!({}), "missing_field"),
        (json!({ "purpose": "sign_in" }), "invalid_field"),
        (json!({ "purpose": "merge", "subject": "a b" }), "code_subject_invalid"),
        (json!({ "purpose": "order", "order_no": "o-1" }), "missing_field"),
        (
            json!({ "purpose": "order", "order_no": "o-1", "amount_minor": 0 }),
            "amount_not_positive",
        ),
        (json!({ "purpose": "password_reset", "phone": "13800000002" }), "unknown_field"),
    ] {
        let reply = house.api("POST", &path, &key, &body).await;
        assert_eq!((reply.status.as_u16(), reply.problem().0.as_str()), (400, code), "{body}");
    }
    let unknown =
        json!({ "purpose": "order", "order_no": "o-1", "amount_minor": 1, "payee": "mch_1" });
    let reply = house.api("POST", &path, &key, &unknown).await;
    assert_eq!(reply.problem(), ("payee_not_found".to_owned(), Some("payee".to_owned())));
    let nobody = "/v1/users/usr_00000000000000000000000001/codes";
    let reply = house.api("POST", nobody, &key, &json!({ "purpose": "password_reset" })).await;
    assert_eq!(reply.problem().0, "user_not_found");
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let order = json!({
        "purpose": "order", "order_no": "o-1", "amount_minor": 120_000,
        "payee": merchant["merchant"],
    });
    house.clock.advance_to(house.clock.now().plus_seconds(60));
    let sent = house.api("POST", &path, &key, &order).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    let text = town.sms().last_text("13800000001").expect("a message");
    assert!(text.en.contains("to pay CNY 1200.00 to Lotus Tea"), "{text:?}");
    assert!(text.zh.contains("向莲花茶铺支付人民币 1200.00 元"), "{text:?}");
    town.sms().set_away(true);
    house.clock.advance_to(house.clock.now().plus_seconds(60));
    let away = house.api("POST", &path, &key, &json!({ "purpose": "password_reset" })).await;
    assert_eq!(away.problem().0, "code_channel_down");
}
