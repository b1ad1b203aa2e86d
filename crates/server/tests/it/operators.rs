//! Operators with tokens of their own, and what needs two of them.

use crate::house::{House, TOKEN};
use axum::http::StatusCode;
use records::audit;
use risk::{Level, ListEntry, Listed};
use serde_json::{Value, json};
use server::Role;
use std::collections::BTreeSet;
use testhouse::Town;

async fn add(house: &House, name: &str, roles: &[Role]) -> String {
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    let operators = &house.app.operators;
    let added = operators.add(name.to_owned(), roles, "test", house.app.random.as_ref()).await;
    added.expect("added")
}

#[tokio::test]
async fn each_role_opens_its_endpoints_and_no_others() {
    let house = House::open().await;
    let reader = add(&house, "ann", &[Role::Reader]).await;
    let maker = add(&house, "mei", &[Role::Maker]).await;
    let checker = add(&house, "lin", &[Role::Checker]).await;
    let off = json!({ "on_line": false });
    let decide = json!({ "approve": true, "note": "n" });
    for (method, path, body, allowed) in [
        ("GET", "/v1/admin/unfinished", Value::Null, [true, true, true]),
        ("GET", "/v1/admin/approvals?waiting=true", Value::Null, [true, true, true]),
        ("POST", "/v1/admin/channels/card", off, [false, true, false]),
        ("POST", "/v1/admin/approvals/1", decide, [false, false, true]),
    ] {
        for (token, allowed) in [&reader, &maker, &checker].into_iter().zip(allowed) {
            let reply = house.api(method, path, token, &body).await;
            let refused = reply.status == StatusCode::FORBIDDEN;
            assert_eq!(refused, !allowed, "{path}: {}", reply.body);
            if refused {
                assert_eq!(reply.problem().0, "operator_role_missing");
            }
        }
    }
    let lines = audit::list(&house.app.records, Some("card"), None, 1).await.expect("read");
    assert_eq!(lines[0].actor, "mei", "the audit log names the person");

    house.app.operators.remove("mei", "test").await.expect("removed");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let gone = house.api("GET", "/v1/admin/unfinished", &maker, &Value::Null).await;
    assert_eq!(gone.problem().0, "operator_token_invalid");
    let listed = house.app.operators.list().await.expect("read");
    assert_eq!(listed.iter().filter(|o| o.removed_at.is_some()).count(), 1);
}

#[tokio::test]
async fn a_console_session_is_its_operators_and_ends_with_it() {
    let house = House::open().await;
    let token = add(&house, "li.na", &[Role::Reader]).await;
    let host = [("host", "127.0.0.1:1"), ("origin", "http://127.0.0.1:1")];
    let signed = house.call("GET", &format!("/sign-in?token={token}"), &host, "").await;
    let cookie = signed.header("set-cookie").split(';').next().expect("a pair").to_owned();
    assert!(!cookie.contains(&token), "no token stands in a browser");
    let headers = [host[0], host[1], ("cookie", cookie.as_str())];
    let board = house.call("GET", "/", &headers, "").await;
    assert_eq!(board.status, StatusCode::OK);
    assert!(board.body.contains("title=\"li.na\""), "the page says who is signed in");
    let form = [headers.as_slice(), &[("content-type", "application/x-www-form-urlencoded")]];
    let refused = house.call("POST", "/channels/card", &form.concat(), "on_line=false").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "a reader only looks");
    house.app.operators.remove("li.na", "test").await.expect("removed");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let out = house.call("GET", "/", &headers, "").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "the session ended with its operator");
}

#[tokio::test]
async fn names_and_roles_that_cannot_be_are_refused() {
    let house = House::open().await;
    add(&house, "mei", &[Role::Maker]).await;
    let long = "x".repeat(65);
    for (name, roles, code) in [
        ("operator", vec![Role::Maker], "operator_name_invalid"),
        ("", vec![Role::Maker], "operator_name_invalid"),
        ("mei li", vec![Role::Maker], "operator_name_invalid"),
        (long.as_str(), vec![Role::Maker], "operator_name_invalid"),
        ("lin", vec![], "operator_role_empty"),
        ("mei", vec![Role::Checker], "operator_exists"),
    ] {
        let (name, roles) = (name.to_owned(), roles.into_iter().collect());
        let random = house.app.random.as_ref();
        let refused = house.app.operators.add(name, roles, "test", random).await;
        assert_eq!(types::Problem::from(refused.expect_err("refused")).code, code);
    }
    let unknown = house.app.operators.remove("nobody", "test").await.expect_err("unknown");
    assert_eq!(types::Problem::from(unknown).code, "operator_not_found");
}

#[tokio::test]
async fn an_unmerge_takes_two_persons_and_carries_the_lists() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let (_, second) = house.merged(&town, &key).await;
    let customer = async || {
        let user = second.parse().expect("an id");
        house.app.members.payer(user).await.expect("known").customer.expect("verified")
    };
    let before = customer().await;
    let entry = ListEntry {
        listed: Listed::Customer,
        value: before.to_string(),
        level: Level::Grey,
        source: "test".to_owned(),
        reason: "odd".to_owned(),
        expires_at: None,
        created_at: types::Clock::now(house.clock.as_ref()),
    };
    house.app.risk.list(entry).await.expect("listed");
    let both = add(&house, "mei", &[Role::Maker, Role::Checker]).await;
    let checker = add(&house, "lin", &[Role::Checker]).await;
    let path = format!("/v1/admin/users/{second}/unmerge");
    let asked = house.api("POST", &path, &both, &json!({ "reason": "wrong person" })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let number = asked.json()["approval"].as_i64().expect("a number");
    let decide = format!("/v1/admin/approvals/{number}");
    let yes = json!({ "approve": true, "note": "seen the papers" });
    let herself = house.api("POST", &decide, &both, &yes).await;
    assert_eq!(
        (herself.status, herself.problem().0.as_str()),
        (StatusCode::FORBIDDEN, "approval_same_person")
    );
    assert_eq!(customer().await, before);
    let done = house.api("POST", &decide, &checker, &yes).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(
        (&done.json()["state"], &done.json()["checker"]),
        (&json!("approved"), &json!("lin"))
    );
    let after = customer().await;
    assert_ne!(after, before);
    let lists = house.app.risk.lists(None, 10).await.expect("read");
    let on: BTreeSet<String> = lists.into_iter().map(|entry| entry.value).collect();
    assert_eq!(on, BTreeSet::from([before.to_string(), after.to_string()]), "both stand on it");
    let again = house.api("POST", &decide, TOKEN, &yes).await;
    assert_eq!(again.problem().0, "approval_stale");
    let bad = house.api("POST", "/v1/admin/approvals/seven", &checker, &yes).await;
    assert_eq!(bad.problem().0, "path_invalid");
    let listed = house.api("GET", "/v1/admin/approvals", &both, &Value::Null).await.json();
    assert_eq!(listed["approvals"][0]["maker"], "mei");
}
