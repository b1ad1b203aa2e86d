//! Primary and secondary users over HTTP: a primary's password pays for its secondary.

use crate::house::{House, TOKEN};
use crate::people::{PASSWORD, WRONG, binding, by_channel, order, sealed};
use axum::http::StatusCode;
use members::Members;
use serde_json::{Value, json};
use testhouse::Town;
use types::UserId;

fn id(user: &str) -> UserId {
    user.parse().expect("an id")
}

#[tokio::test]
async fn a_primary_pays_for_its_secondary_and_the_order_is_the_secondarys() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let (primary, user) = house.merged(&town, &key).await;
    let payee = house.person(&key, 2).await;
    let fund = by_channel(order("top_up", "fund", &user, 10_000), "wallet");
    house.placed(&key, &fund, "succeeded").await;
    let path = format!("/v1/users/{user}/primary");
    let link = async |password: &str| {
        let bound = Members::secondary_binding(id(&user));
        let envelope = house.seal(&key, &primary, &bound, password).await;
        let body = json!({ "primary": primary, "envelope": envelope });
        house.api("PUT", &path, &key, &body).await
    };
    let pay = async |no: &str, password: &str, status: &str| {
        let own = binding(no, 100, &payee);
        let bound = Members::primary_binding(id(&user), &own);
        let envelope = house.seal(&key, &primary, &bound, password).await;
        let mut new = sealed(order("transfer", no, &user, 100), &envelope);
        new["payee"] = json!(payee);
        house.placed(&key, &new, status).await
    };
    assert_eq!(link(WRONG).await.problem().0, "password_wrong");
    let linked = link(PASSWORD).await;
    assert_eq!(linked.status, StatusCode::NO_CONTENT, "{}", linked.body);
    let customer = house.app.members.payer(id(&user)).await.expect("known").customer;
    let customer = format!("/v1/admin/customers/{}", customer.expect("verified"));
    let shown = house.api("GET", &customer, TOKEN, &Value::Null).await.json();
    let primary_of = |user: &str| {
        let users = shown["users"].as_array().expect("users").iter();
        let mut found = users.filter(|one| one["user"] == user);
        found.next().expect("a user")["primary"].clone()
    };
    assert_eq!((primary_of(&user), primary_of(&primary)), (json!(primary), Value::Null));

    let paid = pay("S-1", PASSWORD, "succeeded").await;
    assert_eq!(paid["user"], json!(user), "recorded on the secondary");
    let balance = async |user: &str| {
        let account = house.app.members.payer(id(user)).await.expect("known").account;
        house.app.book.account(account.expect("opened")).expect("opened").balance()
    };
    assert_eq!((balance(&user).await, balance(&primary).await), (9_900, 0));

    // A wrong one waits; the primary's right one opens the order that waits.
    let waiting = pay("S-2", WRONG, "authentication_required").await;
    let bring = format!("/v1/orders/{}/authentication", waiting["id"].as_str().expect("an id"));
    let bound = Members::primary_binding(id(&user), &binding("S-2", 100, &payee));
    let envelope = house.seal(&key, &primary, &bound, PASSWORD).await;
    let done = house.api("POST", &bring, &key, &json!({ "password": envelope })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(done.json()["status"], "succeeded");
    let trace = house.look(&key, &waiting, "/trace").await;
    assert!(!trace.body.contains("primary"), "the merchant is not told: {}", trace.body);

    let end = async |by: &str| {
        let path = format!("{path}?by={by}");
        house.api("DELETE", &path, &key, &Value::Null).await
    };
    assert_eq!(end(&payee).await.problem().0, "primary_not_set");
    assert_eq!(end(&user).await.status, StatusCode::NO_CONTENT);
    assert_eq!(end(&primary).await.problem().0, "primary_not_set");
    let own = binding("S-3", 100, &payee);
    let bound = Members::primary_binding(id(&user), &own);
    let envelope = house.seal(&key, &primary, &bound, PASSWORD).await;
    let mut new = sealed(order("transfer", "S-3", &user, 100), &envelope);
    new["payee"] = json!(payee);
    let refused = house.api("POST", "/v1/orders", &key, &new).await;
    assert_eq!(refused.problem().0, "envelope_invalid");
}
