//! Credentials beside the payment password, over HTTP: reset, authenticator app, gesture, several
//! factors for one order, withholding.

use crate::house::{House, Reply};
use crate::people::{PASSWORD, WRONG, binding, claim, order};
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

const NEW: &str = "592830";
const GESTURE: &str = "26847";

async fn call(house: &House, key: &str, method: &str, path: &str, body: &Value) -> Reply {
    house.api(method, path, key, body).await
}

/// The last message to the first person's phone, after another was asked for a minute later.
async fn message(house: &House, town: &Town, key: &str, user: &str, body: &Value) -> String {
    house.clock.advance_to(house.clock.now().plus_seconds(60));
    let sent = call(house, key, "POST", &format!("/v1/users/{user}/codes"), body).await;
    assert_eq!(sent.status.as_u16(), 200, "{}", sent.body);
    town.sms().last("13800000001").expect("a message")
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_phone_and_real_name() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let path = format!("/v1/users/{user}/payment-password/reset");
    let reset = async |person: u32, code: &str, new: &str| {
        let envelope = house.seal(&key, &user, &binding("password.reset", 0, ""), new).await;
        let body = json!({ "claim": claim(person), "code": code, "envelope": envelope });
        call(&house, &key, "POST", &path, &body).await
    };
    let wanted = json!({ "purpose": "password_reset" });
    let sent = message(&house, &town, &key, &user, &wanted).await;
    let wrong = if sent == "000000" { "000001" } else { "000000" };
    for (person, code, new, refused, field) in [
        (1, wrong, NEW, "code_wrong", Some("code")),
        (1, "12", NEW, "code_malformed", Some("code")),
        (1, sent.as_str(), "123123", "password_weak", Some("envelope")),
        (2, sent.as_str(), NEW, "realname_mismatch", None),
        (1, sent.as_str(), NEW, "code_unknown", Some("code")),
    ] {
        house.tick();
        let (found, at) = reset(person, code, new).await.problem();
        assert_eq!((found.as_str(), at.as_deref()), (refused, field));
    }
    let sent = message(&house, &town, &key, &user, &wanted).await;
    let done = reset(1, &sent, NEW).await;
    assert_eq!(done.status.as_u16(), 204, "{}", done.body);
    let path = format!("/v1/users/{user}/gesture/remove");
    for (password, refused) in [(PASSWORD, "password_wrong"), (NEW, "gesture_not_set")] {
        let bound = binding("gesture.remove", 0, "");
        let body = json!({ "envelope": house.seal(&key, &user, &bound, password).await });
        assert_eq!(call(&house, &key, "POST", &path, &body).await.problem().0, refused);
    }
}

#[tokio::test]
async fn an_app_and_a_gesture_are_set_under_the_password() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let under = async |method: &str, path: &str, order: &str, password: &str| {
        let bound = binding(order, 0, "");
        let envelope = house.seal(&key, &user, &bound, password).await;
        let path = format!("/v1/users/{user}{path}");
        call(&house, &key, method, &path, &json!({ "envelope": envelope })).await
    };
    let confirm = format!("/v1/users/{user}/totp/confirm");
    let body = json!({ "code": "123456" });
    assert_eq!(call(&house, &key, "POST", &confirm, &body).await.problem().0, "totp_not_set");
    let refused = under("POST", "/totp", "totp.enrol", WRONG).await;
    assert_eq!(refused.problem().0, "password_wrong");
    let new = under("POST", "/totp", "totp.enrol", PASSWORD).await.json();
    let (secret, uri) = (new["secret"].as_str(), new["uri"].as_str().expect("an address"));
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(secret.expect("a secret")));
    let removed = under("POST", "/totp/remove", "totp.remove", PASSWORD).await;
    assert_eq!(removed.status.as_u16(), 204, "{}", removed.body);

    let set = async |gesture: &str| {
        let bound = binding("gesture.set", 0, "");
        let password = house.seal(&key, &user, &bound, PASSWORD).await;
        let gesture = house.seal(&key, &user, &bound, gesture).await;
        let body = json!({ "password": password, "gesture": gesture });
        call(&house, &key, "PUT", &format!("/v1/users/{user}/gesture"), &body).await
    };
    assert_eq!(set("1236").await.problem().0, "gesture_weak");
    assert_eq!(set(GESTURE).await.status.as_u16(), 204);
    let open = under("POST", "/gesture/check", "app.open", GESTURE).await;
    assert_eq!(open.status.as_u16(), 204, "{}", open.body);
    let wrong = under("POST", "/gesture/check", "app.open", "2581").await;
    assert_eq!(wrong.problem().0, "gesture_wrong");
}

#[tokio::test]
async fn two_sorts_of_factors_pay_more_a_day_than_one() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 400_000).await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id").to_owned();
    let place = async |no: &str, minor: u32, shown: Value| {
        let envelope = house.seal(&key, &user, &binding(no, minor.into(), &payee), PASSWORD).await;
        let mut new = order("payment", no, &user, minor.into());
        new["authentication"] = json!({ "type": "factors", "password": envelope });
        let authentication = new["authentication"].as_object_mut().expect("fields");
        authentication.extend(shown.as_object().expect("fields").clone());
        house.tick();
        house.api("POST", "/v1/orders", &key, &new).await
    };
    // CNY 1,200: over the day's limit of one factor, within that of two.
    let one = place("o-1", 120_000, json!({})).await.json();
    assert_eq!(
        (&one["status"], &one["failure"]["code"]),
        (&json!("failed"), &json!("limit_exceeded"))
    );
    let wanted = json!({
        "purpose": "order", "order_no": "o-2", "amount_minor": 120_000, "payee": payee,
    });
    let code = message(&house, &town, &key, &user, &wanted).await;
    let two = place("o-2", 120_000, json!({ "message_code": code })).await.json();
    assert_eq!(two["status"], "succeeded", "{two}");
    // A code of another order is none for this one: the order waits.
    let other = place("o-3", 119_000, json!({ "message_code": code })).await.json();
    assert_eq!(other["status"], "authentication_required", "{other}");
    let mut alone = order("payment", "o-4", &user, 100);
    alone["authentication"] = json!({ "type": "factors", "message_code": "123456" });
    let alone = house.api("POST", "/v1/orders", &key, &alone).await;
    let at = Some("authentication".to_owned());
    assert_eq!(alone.problem(), ("knowledge_factor_missing".to_owned(), at));
}

#[tokio::test]
async fn a_waiting_order_takes_a_set_of_factors_and_a_code_of_its_own() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 400_000).await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id").to_owned();
    let mut new = order("payment", "o-1", &user, 120_000);
    new["authentication"] = json!({ "type": "device_key" });
    let waiting = house.placed(&key, &new, "authentication_required").await;
    let path = format!("/v1/orders/{}/authentication", waiting["id"].as_str().expect("an id"));
    let bring = async |code: &str| {
        let bound = binding("o-1", 120_000, &payee);
        let password = house.seal(&key, &user, &bound, PASSWORD).await;
        let body = json!({ "password": password, "message_code": code });
        house.api("POST", &path, &key, &body).await
    };
    let at = |field: &str| Some(field.to_owned());
    for (number, minor, to) in
        [("o-2", 120_000, payee.as_str()), ("o-1", 1, &payee), ("o-1", 120_000, "")]
    {
        let wanted = json!({
            "purpose": "order", "order_no": number, "amount_minor": minor, "payee": to,
        });
        let other = message(&house, &town, &key, &user, &wanted).await;
        let found = bring(&other).await.problem();
        assert_eq!(found, ("code_other_subject".to_owned(), at("message_code")), "{wanted}");
    }
    let wanted = json!({
        "purpose": "order", "order_no": "o-1", "amount_minor": 120_000, "payee": payee,
    });
    let code = message(&house, &town, &key, &user, &wanted).await;
    let alone = house.api("POST", &path, &key, &json!({ "message_code": code })).await;
    assert_eq!(alone.problem(), ("knowledge_factor_missing".to_owned(), at("password")));
    let paid = bring(&code).await.json();
    assert_eq!(paid["status"], "succeeded", "{paid}");
}

#[tokio::test]
async fn withholding_is_agreed_used_and_ended() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 100_000).await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id").to_owned();
    let withheld = async |no: &str, minor: i64| {
        let mut new = order("payment", no, &user, minor);
        new["authentication"] = json!({ "type": "withholding" });
        house.tick();
        let placed = house.api("POST", "/v1/orders", &key, &new).await.json();
        let code = placed["failure"]["code"].as_str().unwrap_or_default().to_owned();
        (placed["status"].as_str().expect("a status").to_owned(), code)
    };
    let failed = |code: &str| ("failed".to_owned(), code.to_owned());
    assert_eq!(withheld("w-1", 100).await, failed("agreement_missing"));
    let path = format!("/v1/users/{user}/withholding");
    let bound = binding("agreement.withholding 5000", 9_000, &payee);
    for (password, day, refused) in [
        (WRONG, 9_000, Some("password_wrong")),
        (PASSWORD, 9_001, Some("envelope_invalid")),
        (PASSWORD, 9_000, None),
    ] {
        let envelope = house.seal(&key, &user, &bound, password).await;
        let body = json!({ "per_order_minor": 5_000, "per_day_minor": day, "envelope": envelope });
        let reply = house.api("PUT", &path, &key, &body).await;
        assert_eq!(refused, refused.map(|_| reply.problem().0).as_deref(), "{}", reply.body);
    }
    assert_eq!(withheld("w-2", 5_001).await, failed("limit_exceeded"));
    assert_eq!(withheld("w-3", 4_777).await, ("succeeded".to_owned(), String::new()));
    assert_eq!(withheld("w-4", 4_333).await, failed("limit_exceeded"), "of the day");
    let ended = house.api("DELETE", &path, &key, &Value::Null).await;
    assert_eq!(ended.status.as_u16(), 204, "{}", ended.body);
    assert_eq!(withheld("w-5", 100).await, failed("agreement_missing"));
}

#[tokio::test]
async fn a_merchant_has_no_password_free_agreement_on_its_own_word() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 100_000).await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id");
    let path = format!("/v1/users/{user}/agreement");
    let agree = async |order: &str, day: u64, password: &str| {
        let envelope = house.seal(&key, &user, &binding(order, day, payee), password).await;
        let limits =
            json!({ "per_order_minor": 5_000, "per_day_minor": 9_000, "envelope": envelope });
        house.api("PUT", &path, &key, &limits).await
    };
    let bare = json!({ "per_order_minor": 5_000, "per_day_minor": 9_000 });
    let refused = house.api("PUT", &path, &key, &bare).await;
    assert_eq!(refused.problem().0, "missing_field", "no word of the payer");
    let bound = "agreement.password-free 5000";
    for (order, day, password, code) in [
        (bound, 9_000, WRONG, "password_wrong"),
        (bound, 8_000, PASSWORD, "envelope_invalid"),
        ("agreement.password-free 4000", 9_000, PASSWORD, "envelope_invalid"),
        ("agreement.withholding 5000", 9_000, PASSWORD, "envelope_invalid"),
    ] {
        assert_eq!(agree(order, day, password).await.problem().0, code, "{order} {day}");
    }
    let mut new = order("payment", "f-1", &user, 100);
    new["authentication"] = json!({ "type": "password_free" });
    let placed = house.api("POST", "/v1/orders", &key, &new).await.json();
    assert_eq!(placed["failure"]["code"], "agreement_missing", "{placed}");
    let made = agree(bound, 9_000, PASSWORD).await;
    assert_eq!(made.status.as_u16(), 204, "{}", made.body);
    new["order_no"] = json!("f-2");
    house.placed(&key, &new, "succeeded").await;
}
