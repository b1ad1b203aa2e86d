//! Who may do what, and how far.

use super::*;

#[tokio::test]
async fn only_a_key_of_the_scope_opens() {
    let server = Server::open(true).await;
    let reads = server.key("reads", &[Scope::Read], Reach::WholeBook).await;
    let posts = server.key("posts", &[Scope::Post], Reach::WholeBook).await;
    let wrong = format!("lk_{}", "0".repeat(64));
    let lookup = json!({ "accounts": [account(1)] }).to_string();
    let post = json!({ "items": [transfer(1)] }).to_string();
    for (path, key, body, expected) in [
        ("lookups", "", &lookup, (401, "ledger_key_missing")),
        ("lookups", "short", &lookup, (401, "ledger_key_invalid")),
        ("lookups", &wrong, &lookup, (401, "ledger_key_invalid")),
        ("lookups", &posts, &lookup, (403, "ledger_key_scope")),
        ("history", &posts, &lookup, (403, "ledger_key_scope")),
        ("transactions", &reads, &post, (403, "ledger_key_scope")),
        ("accounts", &reads, &post, (403, "ledger_key_scope")),
        ("day-cuts", &reads, &post, (403, "ledger_key_scope")),
    ] {
        let reply = server.post(path, key, JSON, body.clone()).await;
        assert_eq!(reply.problem(), (expected.0, expected.1.to_owned()), "{path} {key}");
    }
    for path in ["chart", "trial-balance/2026-10-12"] {
        assert_eq!(server.get(path, &posts).await.problem().1, "ledger_key_scope");
        assert_eq!(server.get(path, &reads).await.status, 200);
    }
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_and_its_name_is_never_given_again() {
    let server = Server::open(true).await;
    let key = server.master().await;
    assert_eq!(server.get("chart", &key).await.status, 200);
    server.keys.revoke("master", "test").await.expect("revoked");
    while server.get("chart", &key).await.status == 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(server.get("chart", &key).await.problem().1, "ledger_key_invalid");
    let code = |error: server::KeyError| types::Problem::from(error).code;
    let new = |name: &str, scopes: &[Scope], reach| NewKey {
        name: name.to_owned(),
        scopes: scopes.iter().copied().collect(),
        reach,
    };
    for (new, expected) in [
        (new("master", &[Scope::Read], Reach::WholeBook), "ledger_key_exists"),
        (new("a b", &[Scope::Read], Reach::WholeBook), "ledger_key_name_invalid"),
        (new("", &[Scope::Read], Reach::WholeBook), "ledger_key_name_invalid"),
        (new("x", &[], Reach::WholeBook), "ledger_key_empty"),
        (new("x", &[Scope::Read], leaves(&[])), "ledger_key_empty"),
    ] {
        let error = server.keys.make(new, "test", &server.random).await.expect_err(expected);
        assert_eq!(code(error), expected);
    }
    let error = server.keys.revoke("master", "test").await.expect_err("once");
    assert_eq!(code(error), "ledger_key_not_found");
    let all = server.keys.list().await.expect("keys");
    assert_eq!(all.len(), 1);
    assert!(all[0].revoked_at.is_some());
    let shown = serde_json::to_string(&all).expect("JSON");
    assert!(!shown.contains(&key[3..]), "the key itself is nowhere");
}

/// Items a confined key may not hand in, each refused by itself; the others are applied.
#[tokio::test]
async fn a_confined_key_moves_only_what_its_leaves_hold() {
    let server = Server::open(false).await;
    let master = server.master().await;
    let confined = server.key("shop", &[Scope::Read, Scope::Post], leaves(&[LEAF])).await;
    server.accounts(&master, LEAF, 1..3).await;
    server.accounts(&master, OTHER, 3..4).await;
    // On its leaf, and yet a merchant's.
    let owned = json!({ "items": [{ "type": "open", "id": account(4), "asset": 1, "leaf": LEAF,
        "owner": { "kind": "merchant", "id": "mch_00000000000000000000000001" },
        "flags": { "debits_must_not_exceed_credits": false,
            "credits_must_not_exceed_debits": false, "history": false } }] });
    assert_eq!(server.call("accounts", &master, &owned).await["outcomes"][0]["result"], "done");
    let told = server.call("accounts", &confined, &owned).await;
    assert_eq!(told["outcomes"][0]["code"], "ledger_key_reach");
    let posting = |debit, credit| json!([{ "debit": account(debit), "credit": account(credit), "amount_minor": 5 }]);
    let with =
        |n, debit, credit| json!({ "id": id(n), "event": 1, "postings": posting(debit, credit) });
    let hold = |n, debit, credit| {
        let mut hold = with(n, debit, credit);
        hold["action"] = json!({ "type": "hold" });
        hold
    };
    let void = |n, hold| json!({ "id": id(n), "event": 1, "action": { "type": "void_hold", "hold": id(hold) } });
    let foreign = json!({ "items": [hold(50, 1, 3)] });
    assert_eq!(
        server.call("transactions", &master, &foreign).await["outcomes"][0]["result"],
        "done"
    );
    let mut condition = with(17, 1, 2);
    condition["conditions"] = json!([{ "account": account(3), "at_least_minor": 0 }]);
    let mut corrects = with(18, 1, 2);
    corrects["corrects"] = json!({ "of": id(50), "kind": "supplement" });
    let items = [
        (with(10, 1, 2), None),
        (with(11, 1, 3), Some("ledger_key_reach")),
        (with(12, 3, 1), Some("ledger_key_reach")),
        (with(13, 1, 4), Some("ledger_key_reach")),
        (with(14, 1, 99), Some("ledger_key_reach")),
        (hold(15, 1, 2), None),
        (void(16, 50), Some("ledger_key_reach")),
        (condition, Some("ledger_key_reach")),
        (corrects, Some("ledger_key_reach")),
        (void(19, 15), Some("ledger_key_reach")),
        (with(20, 2, 1), None),
    ];
    let bodies: Vec<_> = items.iter().map(|(item, _)| item.clone()).collect();
    let told = server.call("transactions", &confined, &json!({ "items": bodies })).await;
    for (place, (item, code)) in items.iter().enumerate() {
        let outcome = &told["outcomes"][place];
        assert_eq!(outcome.get("code").and_then(Value::as_str), *code, "{item}: {outcome}");
    }
    // What the call before has made can be ended by the next.
    let told = server.call("transactions", &confined, &json!({ "items": [void(21, 15)] })).await;
    assert_eq!(told["outcomes"][0]["result"], "done", "{told}");
    let asked = json!({ "accounts": [account(1), account(3), account(4)],
        "transactions": [id(10), id(50)], "holds_of": [account(1), account(3)] });
    let found = server.call("lookups", &confined, &asked).await;
    let seen = |list: &str| -> Vec<bool> {
        found[list].as_array().expect("a list").iter().map(|one| !one.is_null()).collect()
    };
    assert_eq!(seen("accounts"), [true, false, false]);
    assert_eq!(seen("transactions"), [true, false]);
    let reply = server.get("trial-balance/2026-10-12", &confined).await;
    assert_eq!(reply.problem(), (403, "ledger_key_reach".to_owned()));
    let cut = json!({ "closing": "2026-10-12", "opening": "2026-10-13" }).to_string();
    let reply = server.post("day-cuts", &master, JSON, cut).await;
    assert_eq!(reply.problem(), (403, "ledger_not_alone".to_owned()));
}
