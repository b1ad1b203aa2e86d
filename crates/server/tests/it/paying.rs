//! Money over HTTP: a password for one payment, refunds, and an operator's decision.

use crate::house::{House, TOKEN};
use crate::people::{PASSWORD, WRONG, binding, by_channel, order, sealed};
use axum::http::StatusCode;
use risk::{Level, ListEntry, Listed};
use serde_json::{Value, json};
use testhouse::Town;

/// The id of the key's merchant.
async fn merchant_id(house: &House, key: &str) -> String {
    let shown = house.api("GET", "/v1/merchant", key, &Value::Null).await.json();
    shown["merchant"].as_str().expect("an id").to_owned()
}

/// What the key's merchant is to be paid, minor units.
async fn pending(house: &House, key: &str) -> Value {
    let shown = house.api("GET", "/v1/merchant", key, &Value::Null).await.json();
    shown["pending"]["balance_minor"].clone()
}

async fn proved(house: &House) {
    let proofs = house.api("GET", "/v1/admin/proofs", TOKEN, &Value::Null).await.json();
    assert!(proofs.as_object().expect("proofs").values().all(|holds| holds == true), "{proofs}");
}

#[tokio::test]
async fn a_password_pays_the_one_order_it_was_sealed_for() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 50_000).await;
    let to = merchant_id(&house, &key).await;
    let new = order("payment", "p-1", &user, 1_200);
    let envelope = house.seal(&key, &user, &binding("p-1", 1_200, &to), PASSWORD).await;
    // Moved to another order, or to another amount, it opens nothing, and no order is made.
    for (no, minor) in [("p-2", 1_200), ("p-1", 1_201)] {
        let moved = sealed(order("payment", no, &user, minor), &envelope);
        let (code, field) = house.api("POST", "/v1/orders", &key, &moved).await.problem();
        let at = Some("authentication.envelope");
        assert_eq!((code.as_str(), field.as_deref()), ("envelope_invalid", at));
    }
    house.placed(&key, &sealed(new.clone(), &envelope), "succeeded").await;
    assert_eq!(pending(&house, &key).await, 1_200);
    // A client that asks again seals anew; the order is the first all the same.
    house.placed(&key, &sealed(new, &envelope), "succeeded").await;
    assert_eq!(pending(&house, &key).await, 1_200);
    let wrong = house.seal(&key, &user, &binding("p-3", 700, &to), WRONG).await;
    let wrong = sealed(order("payment", "p-3", &user, 700), &wrong);
    let waiting = house.placed(&key, &wrong, "authentication_required").await;
    assert_eq!(waiting["failure"]["code"], "password_wrong");
    assert_eq!(pending(&house, &key).await, 1_200);
    proved(&house).await;
}

#[tokio::test]
async fn a_payment_goes_back_in_parts_and_never_more_than_it_was() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let paid = by_channel(order("payment", "p-1", &user, 1_000), "wallet");
    let paid = house.placed(&key, &paid, "succeeded").await;
    let path = format!("/v1/orders/{}/refunds", paid["id"].as_str().expect("an id"));
    let back = async |no: &str, minor: i64| {
        house.api("POST", &path, &key, &json!({ "order_no": no, "amount_minor": minor })).await
    };
    let first = back("r-1", 400).await.json();
    assert_eq!((&first["status"], &first["kind"]), (&json!("succeeded"), &json!("refund")));
    assert_eq!((&first["channel"], &first["refund_of"]), (&json!("wallet"), &paid["id"]));
    assert_eq!(back("r-1", 400).await.json(), first, "the same again");
    for (no, minor, code, field) in [
        ("r-2", 601, "refund_exceeds_payment", "amount_minor"),
        ("r-2", 0, "amount_not_positive", "amount_minor"),
        ("r-1", 399, "idempotency_conflict", "order_no"),
        ("p-1", 400, "idempotency_conflict", "order_no"),
    ] {
        let (found, at) = back(no, minor).await.problem();
        assert_eq!((found.as_str(), at.as_deref()), (code, Some(field)), "{no} {minor}");
    }
    assert_eq!(back("r-2", 600).await.json()["status"], "succeeded");
    assert_eq!(house.look(&key, &paid, "").await.json()["refunded_minor"], 1_000);
    assert_eq!(back("r-3", 1).await.problem().0, "refund_exceeds_payment");
    assert_eq!(pending(&house, &key).await, 0);
    proved(&house).await;
}

#[tokio::test]
async fn an_operator_decides_what_waits_for_a_person() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let entry = ListEntry {
        listed: Listed::User,
        value: user.clone(),
        level: Level::Grey,
        source: "desk".to_owned(),
        reason: "reported".to_owned(),
        created_at: house.app.clock.now(),
        expires_at: None,
    };
    house.app.risk.list(entry).await.expect("listed");
    for (no, approve, status, paid) in
        [("p-1", false, "failed", 0), ("p-2", true, "succeeded", 900)]
    {
        let new = by_channel(order("payment", no, &user, 900), "card");
        let waiting = house.placed(&key, &new, "review").await;
        let path = format!("/v1/admin/orders/{}/review", waiting["id"].as_str().expect("an id"));
        let decision = json!({ "approve": approve });
        let refused = house.api("POST", &path, &key, &decision).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "a merchant is no operator");
        let unclear = house.api("POST", &path, TOKEN, &json!({ "approve": "yes" })).await;
        assert_eq!(unclear.problem(), ("invalid_field".to_owned(), Some("approve".to_owned())));
        assert_eq!(house.look(&key, &waiting, "").await.json()["status"], "review");
        let decided = house.api("POST", &path, TOKEN, &decision).await.json();
        assert_eq!(decided["status"], status, "{decided}");
        assert_eq!(pending(&house, &key).await, paid);
        let again = house.api("POST", &path, TOKEN, &decision).await;
        assert_eq!(
            (again.status, again.problem().0.as_str()),
            (StatusCode::CONFLICT, "order_state_conflict")
        );
    }
    proved(&house).await;
}
