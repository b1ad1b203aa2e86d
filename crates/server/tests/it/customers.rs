//! All of a customer at once, what it cost to know it, and lists.

use crate::house::{House, TOKEN};
use crate::people::{PASSWORD, binding, claim, order, sealed};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;

#[tokio::test]
async fn a_customer_is_shown_whole_and_masked() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 50_000).await;
    let payee = house.person(&key, 2).await;
    let paid = order("transfer", "T-1", &user, 1_234);
    let mut paid =
        sealed(paid, &house.seal(&key, &user, &binding("T-1", 1_234, &payee), PASSWORD).await);
    paid["payee"] = json!(payee);
    house.placed(&key, &paid, "succeeded").await;
    let id = user.parse().expect("an id");
    let customer = house.app.members.payer(id).await.expect("known").customer.expect("verified");
    let entry = json!({ "target": { "user": user }, "reason": "lost", "level": "own",
        "scope": "debit" });
    let frozen = house.api("POST", "/v1/admin/freezes", TOKEN, &entry).await;
    assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.body);

    let path = format!("/v1/admin/customers/{customer}");
    let reply = house.api("GET", &path, TOKEN, &Value::Null).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let shown = reply.json();
    assert_eq!((&shown["kind"], &shown["class"]), (&json!("person"), &json!("II")));
    assert_eq!(shown["users"][0]["user"], json!(user));
    assert_eq!(shown["users"][0]["standing"], "user_frozen");
    assert_eq!(shown["accounts"][0]["available_minor"], 50_000 - 1_234);
    assert_eq!(shown["accounts"][0]["debits_blocked"], true);
    let limit = |code: &str| {
        let all = shown["limits"].as_array().expect("limits").clone();
        all.into_iter().find(|limit| limit["limit"] == code).expect("a limit")
    };
    assert_eq!(limit("year")["used_minor"], 1_234);
    assert_eq!(limit("day_one_factor")["left_minor"], 100_000 - 1_234);
    assert_eq!(
        (&shown["freezes"][0]["who"], &shown["freezes"][0]["in_force"]),
        (&json!("operator"), &json!(true))
    );
    assert_eq!(shown["verifications"].as_array().map(Vec::len), Some(3));
    assert_eq!(shown["verification_cost_minor"], 30 + 50 + 50);
    assert_eq!(shown["orders"][0]["amount_minor"], 1_234);
    assert_eq!(shown["orders"][0]["risk"], "accept");
    let claimed = claim(1);
    for secret in [&claimed["id_number"], &claimed["cards"][0]["number"], &claimed["name"]] {
        assert!(!reply.body.contains(secret.as_str().expect("text")), "{secret}");
    }
    let costs = "/v1/admin/verification-costs?from=2026-10-12&to=2026-10-12";
    let costs = house.api("GET", costs, TOKEN, &Value::Null).await.json();
    assert_eq!((&costs["calls"], &costs["cost_minor"]), (&json!(6), &json!(2 * (30 + 50 + 50))));
    assert_eq!(costs["days"][0]["date"], "2026-10-12");
    for query in ["from=2026-10-12&to=2026-10-11", "from=2024-10-12&to=2026-10-11", "from=x&to=y"] {
        let path = format!("/v1/admin/verification-costs?{query}");
        let refused = house.api("GET", &path, TOKEN, &Value::Null).await;
        assert_eq!(refused.problem().0, "query_invalid", "{query}");
    }
    let unknown = "/v1/admin/customers/cus_00000000000000000000000001";
    let unknown = house.api("GET", unknown, TOKEN, &Value::Null).await;
    assert_eq!(unknown.problem().0, "customer_not_found");
    assert_eq!(house.api("GET", &path, &key, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_phone_and_a_document_on_a_list_are_hashes_and_bar_their_holder() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 50_000).await;
    let payee = house.person(&key, 2).await;
    let document = format!("resident_id:{}", claim(1)["id_number"].as_str().expect("text"));
    let account = house.app.members.payer(user.parse().expect("an id")).await.expect("known");
    let account = account.account.expect("opened").to_string();
    let mut n = 0;
    for (listed, value, personal) in [
        ("phone", "13800000001", true),
        ("document", document.as_str(), true),
        ("account", account.as_str(), false),
    ] {
        let entry =
            json!({ "listed": listed, "value": value, "level": "black", "reason": "fraud" });
        let put = house.api("PUT", "/v1/admin/lists", TOKEN, &entry).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.body);
        assert_eq!(put.body.contains(value), !personal, "{listed}");
        assert_eq!(put.json()["source"], "operator");
        let mut pay = async |state: &'static str| {
            n += 1;
            let no = format!("L-{n}");
            let envelope = house.seal(&key, &user, &binding(&no, 100, &payee), PASSWORD).await;
            let mut paid = sealed(order("transfer", &no, &user, 100), &envelope);
            paid["payee"] = json!(payee);
            house.placed(&key, &paid, state).await
        };
        pay("failed").await;
        let all = house.api("GET", "/v1/admin/lists", TOKEN, &Value::Null).await.json();
        assert_eq!(all["entries"].as_array().map(Vec::len), Some(1));
        let path = format!("/v1/admin/lists?listed={listed}&value={value}");
        let taken = house.api("DELETE", &path, TOKEN, &Value::Null).await;
        assert_eq!(taken.status, StatusCode::NO_CONTENT, "{}", taken.body);
        // The shipped rules look twice at somebody whose payments fail again and again.
        if listed != "account" {
            pay("succeeded").await;
        }
        let again = house.api("DELETE", &path, TOKEN, &Value::Null).await;
        assert_eq!(again.problem().0, "list_entry_not_found");
    }
    for (listed, value, code) in [
        ("phone", "12345", "phone_invalid"),
        ("document", "110105", "id_number_invalid"),
        ("document", "resident_id:110105", "id_number_invalid"),
        ("device", "", "risk_list_entry_invalid"),
        ("anything", "x", "invalid_field"),
    ] {
        let entry = json!({ "listed": listed, "value": value, "level": "black", "reason": "r" });
        let refused = house.api("PUT", "/v1/admin/lists", TOKEN, &entry).await;
        assert_eq!(refused.problem().0, code, "{listed} {value}");
    }
}
