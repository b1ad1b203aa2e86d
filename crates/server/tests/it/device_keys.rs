//! Device keys over HTTP: each endpoint, and every bent field refused by name.

use crate::house::House;
use crate::people::{PASSWORD, binding, order};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;
use webauthn::soft::{Asserted, Attest, Authenticator};
use webauthn::{from_base64, to_base64};

pub fn phone() -> Authenticator {
    Authenticator::new("localhost", "http://localhost:8787")
}

fn challenge(options: &Value) -> Vec<u8> {
    let text = options["public_key"]["challenge"].as_str().expect("a challenge");
    from_base64(text).expect("base64url")
}

async fn begun(house: &House, key: &str, user: &str) -> Vec<u8> {
    let envelope = house.seal(key, user, &binding("device_key.register", 0, ""), PASSWORD).await;
    let path = format!("/v1/users/{user}/device-key-options");
    let reply = house.api("POST", &path, key, &json!({ "envelope": envelope })).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let options = reply.json();
    assert_eq!(options["public_key"]["rp"]["id"], "localhost");
    challenge(&options)
}

fn body(device: &Authenticator, challenge: &[u8]) -> Value {
    let made = device.register(challenge, &Attest::None);
    json!({
        "name": "phone",
        "credential_id": to_base64(&made.credential_id),
        "client_data": to_base64(&made.client_data),
        "attestation_object": to_base64(&made.attestation_object),
        "device": "A1B2", "integrity": "intact",
    })
}

pub async fn registered(house: &House, key: &str, user: &str, device: &Authenticator) -> Value {
    let body = body(device, &begun(house, key, user).await);
    let path = format!("/v1/users/{user}/device-keys");
    let reply = house.api("POST", &path, key, &body).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.json()
}

fn answer(made: &Asserted) -> Value {
    json!({
        "credential_id": to_base64(&made.credential_id),
        "client_data": to_base64(&made.client_data),
        "authenticator_data": to_base64(&made.authenticator_data),
        "signature": to_base64(&made.signature),
    })
}

#[tokio::test]
async fn a_key_is_registered_listed_named_and_removed() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let made = registered(&house, &key, &user, &phone()).await;
    assert_eq!((&made["attestation"], &made["assured"]), (&"none".into(), &false.into()));
    let path = format!("/v1/users/{user}/device-keys");
    let listed = house.api("GET", &path, &key, &Value::Null).await.json();
    assert_eq!(listed["device_keys"], json!([made]));
    let one = format!("/v1/device-keys/{}", made["id"].as_str().expect("an id"));
    let named = house.api("PUT", &format!("{one}/name"), &key, &json!({ "name": "旧手机" })).await;
    assert_eq!(named.json()["name"], "旧手机");
    let removed = house.api("DELETE", &one, &key, &Value::Null).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let again = house.api("DELETE", &one, &key, &Value::Null).await;
    assert_eq!(again.problem(), ("device_key_not_found".to_owned(), None));
    let listed = house.api("GET", &path, &key, &Value::Null).await.json();
    assert_eq!(listed["device_keys"], json!([]));
}

#[tokio::test]
async fn a_bent_registration_is_named_and_registers_nothing() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let path = format!("/v1/users/{user}/device-keys");
    let challenge = begun(&house, &key, &user).await;
    let good = body(&phone(), &challenge);
    let elsewhere = body(&Authenticator::new("localhost", "https://evil.example"), &challenge);
    let stranger = body(&phone(), &[9; 32]);
    let with = |field: &str, value: Value| {
        let mut bent = good.clone();
        bent[field] = value;
        bent
    };
    for (bent, code, field) in [
        (with("name", json!("")), "device_key_name_invalid", "name"),
        (with("device", json!("a b")), "text_invalid", "device"),
        (with("integrity", json!("fine")), "invalid_field", "integrity"),
        (with("client_data", json!("%")), "invalid_field", "client_data"),
        (with("client_data", json!("e30")), "device_key_client_data_invalid", "client_data"),
        (
            with("attestation_object", json!("oA")),
            "device_key_attestation_object_invalid",
            "attestation_object",
        ),
        (with("credential_id", json!("AAAA")), "device_key_credential_id_wrong", "credential_id"),
        (elsewhere, "device_key_origin_wrong", "client_data"),
        (stranger, "device_key_challenge_unknown", "client_data"),
    ] {
        let found = house.api("POST", &path, &key, &bent).await.problem();
        assert_eq!(found, (code.to_owned(), Some(field.to_owned())), "{bent}");
    }
    let listed = house.api("GET", &path, &key, &Value::Null).await.json();
    assert_eq!(listed["device_keys"], json!([]));
    assert_eq!(house.api("POST", &path, &key, &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_order_is_paid_by_its_signature() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 50_000).await;
    let mut device = phone();
    registered(&house, &key, &user, &device).await;
    let mut new = order("payment", "k-1", &user, 1_299);
    new["authentication"] = json!({ "type": "device_key" });
    let waiting = house.placed(&key, &new, "authentication_required").await;
    assert_eq!(waiting["failure"]["code"], "device_key_required");
    let path = format!("/v1/orders/{}", waiting["id"].as_str().expect("an id"));
    let (ask, bring) = (format!("{path}/device-key-challenge"), format!("{path}/authentication"));
    let strange = house.stranger().await;
    let theirs = house.api("POST", &ask, &strange, &json!({})).await.problem();
    assert_eq!(theirs.0, "order_not_found");
    let bad = house.api("POST", &ask, &key, &json!({ "page": "shop.example" })).await.problem();
    assert_eq!(bad, ("device_key_page_invalid".to_owned(), Some("page".to_owned())));

    let page = json!({ "page": "https://shop.example" });
    let shown = house.api("POST", &ask, &key, &page).await.json();
    assert_eq!(shown["payment"]["total"], json!({ "currency": "CNY", "value": "12.99" }));
    let asked = house.api("POST", &ask, &key, &json!({})).await.json();
    assert_eq!(asked["payment"], Value::Null);
    let good = answer(&device.assert(&challenge(&asked)));
    let with = |field: &str, value: Value| {
        let mut bent = good.clone();
        bent[field] = value;
        json!({ "device_key": bent })
    };
    let replaced = answer(&device.assert(&challenge(&shown)));
    for (bent, code, field) in [
        (json!({}), "knowledge_factor_missing", "password"),
        (with("integrity", json!("rooted")), "invalid_field", "device_key.integrity"),
        (with("signature", json!("=")), "invalid_field", "device_key.signature"),
        (with("signature", json!("AAAA")), "device_key_signature_wrong", "device_key.signature"),
        (with("credential_id", json!("AAAA")), "device_key_unknown", "device_key.credential_id"),
        (
            with("authenticator_data", json!("AAAA")),
            "device_key_authenticator_data_invalid",
            "device_key.authenticator_data",
        ),
        (
            with("user_handle", json!("AAAA")),
            "device_key_user_handle_wrong",
            "device_key.user_handle",
        ),
        (
            json!({ "device_key": replaced }),
            "device_key_challenge_unknown",
            "device_key.client_data",
        ),
    ] {
        let found = house.api("POST", &bring, &key, &bent).await.problem();
        assert_eq!(found, (code.to_owned(), Some(field.to_owned())), "{bent}");
    }
    let paid = house.api("POST", &bring, &key, &json!({ "device_key": good })).await;
    assert_eq!(paid.json()["status"], "succeeded", "{}", paid.body);
    let again = house.api("POST", &bring, &key, &json!({ "device_key": good })).await;
    assert_eq!(again.problem().0, "order_state_conflict");
}
