//! Every bad input is one clear problem, and nothing of its call is applied.

use super::*;
use ledger::wire;
use ledger::{Posting, Transaction};
use money::Amount;

fn call(change: impl FnOnce(&mut Value)) -> String {
    let mut body = json!({ "items": [transfer(1), transfer(2)] });
    change(&mut body);
    body.to_string()
}

#[tokio::test]
async fn a_bad_call_is_one_problem_and_changes_nothing() {
    let server = Server::open(true).await;
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..3).await;
    let before = server.book.seq();
    let second = |change: fn(&mut Value)| call(|body| change(&mut body["items"][1]));
    let many = |n: usize| call(|body| body["items"] = Value::Array(vec![transfer(1); n]));
    let at_most = bookkeeper::MAX_COMMANDS;
    for (path, body, code, field) in [
        ("transactions", "{".to_owned(), "malformed_json", None),
        ("transactions", call(|b| b["x"] = json!(1)), "unknown_field", Some("x")),
        ("transactions", "{}".to_owned(), "missing_field", Some("items")),
        ("transactions", call(|b| b["items"] = json!([])), "ledger_too_many_items", Some("items")),
        ("transactions", many(at_most + 1), "ledger_too_many_items", Some("items")),
        (
            "transactions",
            second(|t| t["colour"] = json!(1)),
            "unknown_field",
            Some("items[1].colour"),
        ),
        (
            "transactions",
            second(|t| t["id"] = json!("txn_1")),
            "invalid_field",
            Some("items[1].id"),
        ),
        (
            "transactions",
            second(|t| t["id"] = json!(account(1))),
            "invalid_field",
            Some("items[1].id"),
        ),
        (
            "transactions",
            second(|t| t["event"] = json!(70_000)),
            "invalid_field",
            Some("items[1].event"),
        ),
        (
            "transactions",
            second(|t| t["reference"] = json!("ff")),
            "invalid_field",
            Some("items[1].reference"),
        ),
        (
            "transactions",
            second(|t| t["date"] = json!("2026-2-3")),
            "invalid_field",
            Some("items[1].date"),
        ),
        (
            "transactions",
            second(|t| t["action"] = json!({ "type": "gift" })),
            "invalid_field",
            Some("items[1].action.type"),
        ),
        (
            "transactions",
            second(|t| t["action"] = json!({ "type": "post", "x": 1 })),
            "unknown_field",
            None,
        ),
        (
            "transactions",
            second(|t| t["postings"][0]["amount_minor"] = json!(1.5)),
            "invalid_field",
            Some("items[1].postings[0].amount_minor"),
        ),
        (
            "transactions",
            second(|t| t["postings"][0]["amount_minor"] = json!(-1)),
            "invalid_field",
            Some("items[1].postings[0].amount_minor"),
        ),
        (
            "transactions",
            second(|t| t["postings"][0]["amount_minor"] = json!(1u64 << 63)),
            "invalid_field",
            Some("items[1].postings[0].amount_minor"),
        ),
        (
            "transactions",
            second(|t| t["postings"] = json!([[account(1), account(2), 100]])),
            "invalid_field",
            Some("items[1].postings[0]"),
        ),
        (
            "transactions",
            second(|t| t["action"] = json!(["void_hold", id(1)])),
            "invalid_field",
            Some("items[1].action"),
        ),
        (
            "accounts",
            json!({ "items": [{ "type": "set_controls", "id": id(9), "account": account(1),
                "controls": [true, false, false] }] })
            .to_string(),
            "invalid_field",
            None,
        ),
        ("accounts", json!({ "items": [{ "type": "close" }] }).to_string(), "invalid_field", None),
        (
            "accounts",
            json!({ "items": [{ "type": "open", "id": account(9), "asset": 1, "leaf": LEAF,
                "owner": { "kind": "house", "x": 1 }, "flags": {
                    "debits_must_not_exceed_credits": false, "history": false,
                    "credits_must_not_exceed_debits": false } }] })
            .to_string(),
            "invalid_field",
            None,
        ),
        ("accounts", json!({ "items": [] }).to_string(), "ledger_too_many_items", Some("items")),
        (
            "lookups",
            json!({ "accounts": ["acc_1"] }).to_string(),
            "invalid_field",
            Some("accounts[0]"),
        ),
        ("lookups", json!({ "users": [] }).to_string(), "unknown_field", Some("users")),
        (
            "lookups",
            json!({ "accounts": vec![account(1); at_most], "holds_of": [account(1)] }).to_string(),
            "ledger_too_many_items",
            Some("items"),
        ),
        (
            "history",
            json!({ "entries": [{ "account": account(1), "limit": 1 << 20 }] }).to_string(),
            "ledger_answer_too_large",
            None,
        ),
        (
            "history",
            json!({ "entries": [{ "account": account(1), "limit": 1 << 17 }],
                "holds": [{ "account": account(1), "at": "2026-10-12T09:00:00+08:00", "limit": 1 }] })
            .to_string(),
            "ledger_answer_too_large",
            None,
        ),
        (
            "history",
            json!({ "holds": [{ "account": account(1) }] }).to_string(),
            "missing_field",
            Some("holds[0].at"),
        ),
        (
            "history",
            json!({ "entries": [{}] }).to_string(),
            "missing_field",
            Some("entries[0].account"),
        ),
        (
            "day-cuts",
            json!({ "closing": "2026-10-12" }).to_string(),
            "missing_field",
            Some("opening"),
        ),
    ] {
        let reply = server.post(path, &key, JSON, body.clone()).await;
        let shown = &body[..body.len().min(200)];
        assert_eq!(reply.problem(), (400, code.to_owned()), "{path} {shown}: {}", reply.json());
        if let Some(field) = field {
            assert_eq!(reply.json()["field"], field, "{path} {shown}");
        }
    }
    assert_eq!(server.book.seq(), before);
}

#[tokio::test]
async fn bodies_are_bounded_and_of_a_known_form() {
    let server = Server::open(true).await;
    let key = server.master().await;
    let long = vec![b' '; server::LEDGER_BODY_LIMIT + 1];
    for (path, media, body, code) in [
        ("transactions", "text/plain", b"{}".to_vec(), "unsupported_media_type"),
        (
            "transactions",
            "application/vnd.countinghouse.ledger.v2",
            vec![],
            "unsupported_media_type",
        ),
        ("accounts", FRAME, b"{}".to_vec(), "unsupported_media_type"),
        ("history", FRAME, b"{}".to_vec(), "unsupported_media_type"),
        ("transactions", JSON, long.clone(), "body_too_large"),
        ("lookups", FRAME, long, "body_too_large"),
    ] {
        let reply = server.post(path, &key, media, body).await;
        assert_eq!(reply.problem(), (400, code.to_owned()), "{path} {media}");
    }
}

fn frame(count: usize) -> Vec<u8> {
    let postings = vec![Posting::exact(
        AccountId::from_u128(1),
        AccountId::from_u128(2),
        Amount::new(100).expect("an amount"),
    )];
    let transaction = |n: usize| Transaction {
        id: TransactionId::from_u128(n as u128 + 1),
        event: 900,
        order: None,
        reference: 0,
        date: None,
        action: ledger::Action::Post,
        postings: postings.clone(),
        conditions: Vec::new(),
        corrects: None,
    };
    let all: Vec<_> = (0..count).map(transaction).collect();
    let mut out = Vec::new();
    wire::encode_transactions(all.iter(), &mut out);
    out
}

#[tokio::test]
async fn a_broken_frame_is_one_problem_and_changes_nothing() {
    let server = Server::open(true).await;
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..3).await;
    let before = server.book.seq();
    let whole = frame(2);
    for end in 0..whole.len() {
        let reply = server.post("transactions", &key, FRAME, whole[..end].to_vec()).await;
        assert_eq!(reply.problem(), (400, "ledger_frame_malformed".to_owned()), "cut at {end}");
    }
    let changed = |place: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[place] = byte;
        bytes
    };
    for (body, code) in [
        ([&whole[..], &[0]].concat(), "ledger_frame_malformed"),
        (changed(0, b'X'), "ledger_frame_malformed"),
        (changed(4, 2), "ledger_frame_version"),
        (changed(5, 2), "ledger_frame_malformed"),
        (changed(13, 0x80), "ledger_frame_malformed"),
        (frame(bookkeeper::MAX_COMMANDS + 1), "ledger_too_many_items"),
        (frame(0), "ledger_too_many_items"),
    ] {
        let reply = server.post("transactions", &key, FRAME, body).await;
        assert_eq!(reply.problem(), (400, code.to_owned()), "{}", reply.json());
    }
    assert_eq!(server.book.seq(), before);
    let reply = server.post("transactions", &key, FRAME, whole).await;
    assert_eq!((reply.status, reply.media.as_str()), (200, FRAME));
}
