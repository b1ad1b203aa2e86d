//! An order belongs to the merchant whose key placed it, whatever its kind, and to nobody else.

use crate::house::House;
use crate::people::{PASSWORD, WRONG, binding, by_channel, order, sealed};
use axum::http::StatusCode;
use ledger::TransactionHead;
use money::Amount;
use serde_json::{Value, json};
use testhouse::Town;
use types::TransactionId;

/// Puts settled money, as a bank transfer brings it, on the user's balance: it may leave again.
async fn deposit(house: &House, user: &str, minor: u64) {
    let payer = house.app.members.payer(user.parse().expect("an id")).await.expect("known");
    let head = TransactionHead::new(TransactionId::of(&[b"deposit", user.as_bytes()]));
    let slots = [("payee", payer.account.expect("open"))];
    let amounts = [("amount", Amount::new(minor).expect("small"))];
    let posted = house.app.templates.transaction("deposit", head, &slots, &amounts);
    house.app.book.post(posted.expect("the template fits")).await.expect("posted");
}

/// The numbers of the orders that this key's merchant sees, oldest first.
async fn listed(house: &House, key: &str) -> Vec<String> {
    let page = house.api("GET", "/v1/orders", key, &Value::Null).await.json();
    let orders = page["orders"].as_array().expect("orders").iter().rev();
    orders.map(|order| order["order_no"].as_str().expect("a number").to_owned()).collect()
}

#[tokio::test]
async fn who_placed_an_order_sees_it_and_nobody_else() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let (key, stranger) = (house.merchant().await, house.stranger().await);
    let user = house.person_with(&key, 1, 50_000).await;
    deposit(&house, &user, 10_000).await;
    let payee = house.person(&stranger, 2).await;
    let transfer = {
        let envelope = house.seal(&key, &user, &binding("t-1", 2_000, &payee), PASSWORD).await;
        let mut new = sealed(order("transfer", "t-1", &user, 2_000), &envelope);
        new["payee"] = json!(payee);
        house.placed(&key, &new, "succeeded").await
    };
    let withdrawal = {
        let envelope =
            house.seal(&key, &user, &binding("w-1 card_4321", 3_000, ""), PASSWORD).await;
        let new = by_channel(order("withdrawal", "w-1", &user, 3_000), "card");
        house.placed(&key, &sealed(new, &envelope), "succeeded").await
    };
    let paid = by_channel(order("payment", "p-1", &user, 1_000), "card");
    let paid = house.placed(&key, &paid, "succeeded").await;
    house.tick();
    let refund = json!({ "order_no": "r-1", "amount_minor": 400 });
    let path = format!("/v1/orders/{}/refunds", paid["id"].as_str().expect("an id"));
    let refund = house.api("POST", &path, &key, &refund).await.json();

    assert_eq!(listed(&house, &key).await, ["fund-1", "t-1", "w-1", "p-1", "r-1"]);
    assert!(listed(&house, &stranger).await.is_empty(), "nothing, not even as payee");
    for (order, call) in
        [(&transfer, None), (&withdrawal, Some("payout")), (&paid, Some("pay")), (&refund, None)]
    {
        let shown = house.look(&key, order, "").await.json();
        assert_eq!((&shown["id"], &shown["status"]), (&order["id"], &json!("succeeded")));
        let trace = house.look(&key, order, "/trace").await.json();
        assert_eq!(trace["order"], shown);
        let steps = trace["steps"].as_array().expect("steps");
        assert_eq!(
            (&steps[0]["step"], &steps.last().expect("one")["step"]),
            (&json!("created"), &json!("closed"))
        );
        if let Some(call) = call {
            assert_eq!(trace["calls"][0]["call"], call);
            assert_eq!(trace["calls"][0]["answer"], "succeeded");
        }
        for part in ["", "/trace"] {
            let refused = house.look(&stranger, order, part).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{part}");
            assert_eq!(refused.problem().0, "order_not_found", "{part}");
        }
    }
    let trace = house.look(&key, &paid, "/trace").await.json();
    assert_eq!(trace["refunds"][0]["id"], refund["id"]);
    // What is seen but is no payment is not given back.
    let path = format!("/v1/orders/{}/refunds", transfer["id"].as_str().expect("an id"));
    let back = json!({ "order_no": "r-2", "amount_minor": 1 });
    let (code, field) = house.api("POST", &path, &key, &back).await.problem();
    assert_eq!((code.as_str(), field.as_deref()), ("order_not_refundable", Some("id")));
}

#[tokio::test]
async fn only_who_placed_it_brings_the_password_that_an_order_waits_for() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let (key, stranger) = (house.merchant().await, house.stranger().await);
    let user = house.person_with(&key, 1, 50_000).await;
    let payee = house.person(&stranger, 2).await;
    let bound = binding("t-1", 2_000, &payee);
    let envelope = house.seal(&key, &user, &bound, WRONG).await;
    let mut new = sealed(order("transfer", "t-1", &user, 2_000), &envelope);
    new["payee"] = json!(payee);
    let waiting = house.placed(&key, &new, "authentication_required").await;
    assert_eq!(waiting["failure"]["code"], "password_wrong");

    let path = format!("/v1/orders/{}/authentication", waiting["id"].as_str().expect("an id"));
    let bring = async |key: &str, password: &str| {
        let envelope = house.seal(key, &user, &bound, password).await;
        house.api("POST", &path, key, &json!({ "password": envelope })).await
    };
    let refused = bring(&stranger, PASSWORD).await;
    assert_eq!(
        (refused.status, refused.problem().0.as_str()),
        (StatusCode::NOT_FOUND, "order_not_found")
    );
    assert_eq!(house.look(&key, &waiting, "").await.json()["status"], "authentication_required");
    assert_eq!(bring(&key, WRONG).await.problem().0, "password_wrong");
    assert_eq!(bring(&key, PASSWORD).await.json()["status"], "succeeded");
    assert_eq!(bring(&key, PASSWORD).await.problem().0, "order_state_conflict");
}

#[tokio::test]
async fn two_merchants_may_use_one_number_for_one_user() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let (key, stranger) = (house.merchant().await, house.stranger().await);
    let user = house.person(&key, 1).await;
    let new = by_channel(order("top_up", "1", &user, 700), "wallet");
    let first = house.placed(&key, &new, "succeeded").await;
    assert_eq!(house.placed(&key, &new, "succeeded").await, first, "the same again");
    let theirs = house.placed(&stranger, &new, "succeeded").await;
    assert_ne!(theirs["id"], first["id"], "another merchant's number is another number");
    assert_eq!(listed(&house, &key).await, ["1"]);
}
