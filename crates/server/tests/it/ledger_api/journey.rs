//! Everything once, the way a program would.

use super::*;

#[tokio::test]
async fn a_program_keeps_its_books() {
    let server = Server::open(true).await;
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..4).await;
    let hold = json!({ "id": id(2), "event": 901, "order": "ord_00000000000000000000000009",
        "action": { "type": "hold", "expires_at": "2026-10-13T09:00:00+08:00" },
        "reference": "000000000000000000000000000000ff",
        "postings": [{ "debit": account(2), "credit": account(3), "amount_minor": 60 }] });
    let part = json!({ "id": id(3), "event": 902,
        "action": { "type": "post_hold", "hold": id(2) },
        "postings": [{ "debit": account(2), "credit": account(3), "amount_minor": 50 }] });
    let again =
        json!({ "id": id(4), "event": 902, "action": { "type": "void_hold", "hold": id(2) } });
    let least = json!({ "id": id(5), "event": 903, "postings": transfer(5)["postings"],
        "conditions": [{ "account": account(2), "at_least_minor": 51 }] });
    let items = [transfer(1), hold.clone(), transfer(1), part, again, least];
    let told = server.call("transactions", &key, &json!({ "items": items })).await;
    let outcomes = told["outcomes"].as_array().expect("outcomes");
    let results: Vec<_> =
        outcomes.iter().map(|o| o["result"].as_str().expect("a result")).collect();
    assert_eq!(results, ["done", "done", "exists", "done", "refused", "refused"], "{told}");
    assert_eq!(outcomes[0]["seq"], outcomes[2]["seq"]);
    assert_eq!(outcomes[1]["state"], "pending");
    assert_eq!(outcomes[4]["code"], "pending_already_posted");
    assert_eq!(outcomes[4]["field"], "action.hold");
    assert_eq!(outcomes[5]["code"], "condition_failed");
    assert_eq!(outcomes[5]["retry_may_help"], true);

    let asked = json!({ "accounts": [account(2), account(77)], "transactions": [id(2), id(77)],
        "orders": ["ord_00000000000000000000000009"], "holds_of": [account(2), account(77)] });
    let found = server.call("lookups", &key, &asked).await;
    assert_eq!(found["accounts"][0]["credits_posted_minor"], 100);
    assert_eq!(found["accounts"][0]["debits_posted_minor"], 50);
    assert_eq!(found["accounts"][1], Value::Null);
    assert_eq!(found["transactions"][0]["state"], "hold_posted");
    assert_eq!(found["transactions"][0]["transaction"]["reference"], hold["reference"]);
    assert_eq!(
        found["transactions"][0]["transaction"]["action"],
        json!({ "type": "hold",
        "expires_at": "2026-10-13T09:00:00.000+08:00" })
    );
    assert_eq!(found["transactions"][1], Value::Null);
    assert_eq!(found["orders"][0].as_array().map(Vec::len), Some(2), "the hold and its end");
    assert_eq!(found["holds_of"][0][0]["amount_minor"], 60);
    assert_eq!(found["holds_of"][1], json!([]));

    let asked = json!({ "entries": [{ "account": account(2), "limit": 1 }, { "account": account(77) }],
        "balances": [{ "account": account(2), "at": "2027-01-01T00:00:00+08:00" },
            { "account": account(2), "at": "2026-01-01T00:00:00+08:00" }] });
    let past = server.call("history", &key, &asked).await;
    let page = &past["entries"][0];
    assert_eq!(page["entries"][0]["balance_after_minor"], 100);
    assert_eq!(past["entries"][1], Value::Null);
    assert_eq!(past["balances"], json!([50, null]));
    let asked = json!({ "entries": [{ "account": account(2), "after": page["next"] }] });
    let rest = server.call("history", &key, &asked).await;
    assert_eq!(rest["entries"][0]["entries"][0]["balance_after_minor"], 50);
    assert_eq!(rest["entries"][0].get("next"), None);

    let mut hold = transfer(30);
    hold["action"] = json!({ "type": "hold" });
    let told = server.call("transactions", &key, &json!({ "items": [hold] })).await;
    assert_eq!(told["outcomes"][0]["state"], "pending");
    let made = &told["outcomes"][0]["at"];
    let asked = json!({ "holds": [{ "account": account(2), "at": made },
        { "account": account(2), "at": made, "before": 1 },
        { "account": account(2), "at": "2026-01-01T00:00:00+08:00", "limit": 1 },
        { "account": account(2), "at": "2027-01-01T00:00:00+08:00" },
        { "account": account(77), "at": made }] });
    let then = server.call("history", &key, &asked).await;
    assert_eq!(then["holds"][0]["holds"][0]["id"], id(30), "it waited: {then}");
    assert_eq!(then["holds"][3]["holds"][0]["id"], id(30), "it waits still: {then}");
    for nothing in [1, 2, 4] {
        assert_eq!(then["holds"][nothing]["holds"], json!([]), "{nothing}: {then}");
    }

    let control = json!({ "items": [{ "type": "set_controls", "id": id(8), "account": account(1),
        "controls": { "debits_blocked": true, "credits_blocked": false, "closed": false } }] });
    let told = server.call("accounts", &key, &control).await;
    assert_eq!(told["outcomes"][0]["state"], "applied");
    let told = server.call("transactions", &key, &json!({ "items": [transfer(9)] })).await;
    assert_eq!(told["outcomes"][0]["code"], "debits_blocked");

    let balance = server.get("trial-balance/2026-10-12", &key).await.json();
    assert_eq!(balance["balanced"], true);
    let cut = json!({ "closing": "2026-10-12", "opening": "2026-10-13" });
    let told = server.call("day-cuts", &key, &cut).await;
    assert_eq!(told["outcomes"][0]["result"], "done");
    let chart = server.get("chart", &key).await.json();
    assert_eq!(chart["open_date"], "2026-10-13");
    assert!(chart["accounts"].as_array().is_some_and(|all| all.len() > 40));
}

/// A call's items have nobody else's between them.
#[tokio::test]
async fn a_call_is_contiguous() {
    const CALLS: u128 = 16;
    const ITEMS: u128 = 200;
    let server = Arc::new(Server::open(true).await);
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..3).await;
    let calls: Vec<_> = (0..CALLS)
        .map(|call| {
            let (server, key) = (Arc::clone(&server), key.clone());
            tokio::spawn(async move {
                let items: Vec<_> = (0..ITEMS).map(|n| transfer(1_000 * (call + 1) + n)).collect();
                server.call("transactions", &key, &json!({ "items": items })).await
            })
        })
        .collect();
    for call in calls {
        let told = call.await.expect("an answer");
        let seqs: Vec<u64> = told["outcomes"]
            .as_array()
            .expect("outcomes")
            .iter()
            .map(|outcome| outcome["seq"].as_u64().expect("done"))
            .collect();
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
    }
    let ids = vec![AccountId::from_u128(1)];
    let spent = server.book.accounts(&ids)[0].as_ref().expect("there").debits_posted;
    assert_eq!(u128::from(spent), CALLS * ITEMS * 100);
}

#[tokio::test]
async fn the_ledger_alone_describes_itself() {
    let server = Server::open(true).await;
    let document = server.client.get(format!("{}/openapi.json", server.address)).send().await;
    let document: Value =
        serde_json::from_slice(&document.expect("sent").bytes().await.expect("a body"))
            .expect("JSON");
    assert_eq!(document, serde_json::to_value(server::ledger_openapi()).expect("JSON"));
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 8);
    assert!(paths.keys().all(|path| path.starts_with("/v1/ledger/") || path == "/health/live"));
    let nowhere = server.get("nowhere", "").await;
    assert_eq!(nowhere.problem(), (404, "route_not_found".to_owned()));
}
