//! The key pad over HTTP: every suite that is offered, and keys rotated by an operator.

use crate::house::{House, TOKEN};
use crate::people::{PASSWORD, binding, order, sealed};
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

#[tokio::test]
async fn every_suite_pays_and_a_rotated_key_still_opens() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 10_000).await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id");
    let default = house.api("GET", "/v1/password-key", &key, &Value::Null).await.json();
    assert_eq!(default["suite"], "hpke");
    let offered: Vec<String> = serde_json::from_value(default["offered"].clone()).expect("names");
    assert!(offered.len() >= 2 && offered[0] == "hpke", "{offered:?}");
    let path = |suite: &str| format!("/v1/password-key?suite={suite}");
    let mut keys = Vec::new();
    for suite in &offered {
        let public = house.api("GET", &path(suite), &key, &Value::Null).await.json();
        assert_eq!(public["suite"], suite.as_str());
        keys.push(public);
    }
    let unknown = house.api("GET", &path("rot13"), &key, &Value::Null).await;
    assert_eq!(unknown.problem(), ("envelope_suite_unknown".into(), Some("suite".into())));

    let refused = house.api("POST", "/v1/admin/password-keys", &key, &Value::Null).await;
    assert_eq!(refused.problem().0, "operator_token_invalid");
    let rotated = house.api("POST", "/v1/admin/password-keys", TOKEN, &Value::Null).await.json();
    assert_eq!(rotated.as_array().map(Vec::len), Some(offered.len()));
    for (n, suite) in offered.iter().enumerate() {
        let new = house.api("GET", &path(suite), &key, &Value::Null).await.json();
        assert_eq!(new["key_id"], rotated[n]["key_id"]);
        assert_ne!(new["key_id"], keys[n]["key_id"], "{suite}");
        keys.push(new);
    }
    for (n, public) in keys.iter().enumerate() {
        // Risk control looks twice at equal orders that follow one another quickly.
        house.clock.advance_to(house.clock.now().plus_seconds(3_600));
        let (no, minor) = (format!("o-{n}"), 337 + 211 * u32::try_from(n).expect("few"));
        let bound = binding(&no, minor.into(), payee);
        let envelope = house.seal_to(public, &key, &user, &bound, PASSWORD).await;
        assert_eq!(envelope["suite"], public["suite"]);
        let other = sealed(order("payment", "other", &user, minor.into()), &envelope);
        let moved = house.api("POST", "/v1/orders", &key, &other).await;
        let at = Some("authentication.envelope".to_owned());
        assert_eq!(moved.problem(), ("envelope_invalid".to_owned(), at.clone()));
        for (part, value, code) in [
            ("suite", json!("rot13"), "envelope_suite_unknown"),
            ("key_id", json!("00"), "envelope_key_unknown"),
            ("ciphertext", json!("A".repeat(300)), "envelope_oversize"),
        ] {
            let mut wrong = envelope.clone();
            wrong[part] = value;
            let wrong = sealed(order("payment", &no, &user, minor.into()), &wrong);
            let reply = house.api("POST", "/v1/orders", &key, &wrong).await;
            assert_eq!(reply.problem(), (code.to_owned(), at.clone()));
        }
        house
            .placed(
                &key,
                &sealed(order("payment", &no, &user, minor.into()), &envelope),
                "succeeded",
            )
            .await;
    }
}
