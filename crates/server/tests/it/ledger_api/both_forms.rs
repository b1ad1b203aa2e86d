//! JSON and frames are two forms of the same call.

use super::*;
use ledger::wire::{self, Lookups, Told};
use ledger::{Command, Transaction};
use types::OrderId;

/// Every kind of outcome, as JSON.
fn items() -> Vec<Value> {
    let mut hold = transfer(2);
    hold["action"] = json!({ "type": "hold" });
    let mut up_to = transfer(5);
    up_to["postings"][0]["up_to"] = json!("available_of_debit");
    up_to["order"] = json!("ord_00000000000000000000000009");
    let mut conflict = transfer(1);
    conflict["event"] = json!(1);
    let mut nobody = transfer(6);
    nobody["postings"][0]["credit"] = json!(account(99));
    let mut zero = transfer(7);
    zero["postings"][0]["amount_minor"] = json!(0);
    let mut closed = transfer(8);
    closed["date"] = json!("2026-10-11");
    vec![
        transfer(1),
        hold,
        transfer(1),
        json!({ "id": id(3), "event": 900, "action": { "type": "post_hold", "hold": id(2) } }),
        json!({ "id": id(4), "event": 900, "action": { "type": "void_hold", "hold": id(2) } }),
        up_to,
        conflict,
        nobody,
        zero,
        closed,
    ]
}

/// The same as the program that sends frames has them.
fn transactions(server: &Server) -> Vec<Transaction> {
    // What JSON made of them is what the book holds; the refused ones are made by hand.
    let kept = |n: u128| {
        server
            .book
            .transaction(TransactionId::from_u128(n))
            .expect("read")
            .expect("in the book")
            .transaction
    };
    let one = kept(1);
    let changed = |n: u128, change: fn(&mut Transaction)| {
        let mut transaction = Transaction { id: TransactionId::from_u128(n), ..kept(1) };
        change(&mut transaction);
        transaction
    };
    let void = |t: &mut Transaction| {
        t.action = ledger::Action::VoidHold { hold: TransactionId::from_u128(2) };
        t.postings.clear();
    };
    vec![
        one.clone(),
        kept(2),
        one,
        kept(3),
        changed(4, void),
        kept(5),
        changed(1, |t| t.event = 1),
        changed(6, |t| t.postings[0].credit = AccountId::from_u128(99)),
        changed(7, |t| t.postings[0].amount = money::Amount::ZERO),
        changed(8, |t| t.date = Some("2026-10-11".parse().expect("a date"))),
    ]
}

#[tokio::test]
async fn the_same_call_has_the_same_outcomes_in_both_forms() {
    let (by_json, by_frame) = (Server::open(true).await, Server::open(true).await);
    let (first, second) = (by_json.master().await, by_frame.master().await);
    by_json.accounts(&first, LEAF, 1..3).await;
    by_frame.accounts(&second, LEAF, 1..3).await;
    let told = by_json.call("transactions", &first, &json!({ "items": items() })).await;
    let transactions = transactions(&by_json);
    let mut frame = Vec::new();
    wire::encode_transactions(transactions.iter(), &mut frame);
    let commands = wire::decode_transactions(&frame, 100).expect("a frame");
    assert!(commands.iter().zip(&transactions).all(|(c, t)| *c == Command::Transact(t.clone())));
    let reply = by_frame.post("transactions", &second, FRAME, frame).await;
    assert_eq!((reply.status, reply.media.as_str()), (200, FRAME));
    let outcomes = wire::decode_outcomes(&reply.body).expect("a frame");
    let results: Vec<_> = outcomes
        .items
        .iter()
        .map(|told| match told {
            Told::Done(seq) => json!(["done", seq, Value::Null]),
            Told::Exists(receipt) => json!(["exists", receipt.seq, Value::Null]),
            Told::Refused(code) => json!(["refused", Value::Null, code]),
        })
        .collect();
    let expected: Vec<_> = told["outcomes"]
        .as_array()
        .expect("outcomes")
        .iter()
        .map(|o| json!([o["result"], o["seq"], o["code"]]))
        .collect();
    assert_eq!(results, expected);
    assert_eq!(by_json.book.state_hash(), by_frame.book.state_hash(), "the same book");
}

#[tokio::test]
async fn the_answer_may_have_the_other_form() {
    let server = Server::open(true).await;
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..3).await;
    let request = server.client.post(format!("{}/v1/ledger/transactions", server.address));
    let request = request.bearer_auth(&key).header("content-type", JSON).header("accept", FRAME);
    let reply = reply(request.body(json!({ "items": [transfer(1)] }).to_string())).await;
    assert_eq!(reply.media, FRAME);
    assert_eq!(wire::decode_outcomes(&reply.body).expect("a frame").items.len(), 1);
}

#[tokio::test]
async fn lookups_find_the_same_in_both_forms() {
    let server = Server::open(true).await;
    let key = server.master().await;
    server.accounts(&key, LEAF, 1..3).await;
    server.call("transactions", &key, &json!({ "items": items() })).await;
    let lookups = Lookups {
        accounts: [1, 99].map(AccountId::from_u128).to_vec(),
        transactions: [1, 2, 4, 5].map(TransactionId::from_u128).to_vec(),
        orders: vec![OrderId::from_u128(9), OrderId::from_u128(10)],
        holds_of: vec![AccountId::from_u128(1)],
    };
    let mut frame = Vec::new();
    wire::encode_lookups(&lookups, &mut frame);
    let reply = server.post("lookups", &key, FRAME, frame).await;
    let found = wire::decode_found(&reply.body).expect("a frame");
    let asked = json!({ "accounts": lookups.accounts, "transactions": lookups.transactions,
        "orders": lookups.orders, "holds_of": lookups.holds_of });
    let json = server.call("lookups", &key, &asked).await;
    let account = found.accounts[0].as_ref().expect("there");
    assert_eq!(json["accounts"][0]["debits_posted_minor"], account.debits_posted);
    assert_eq!(json["accounts"][0]["opened_at"], json!(account.opened_at));
    assert!(found.accounts[1].is_none() && json["accounts"][1].is_null());
    for (record, item) in
        found.transactions.iter().zip(json["transactions"].as_array().expect("a list"))
    {
        let Some(record) = record else {
            assert!(item.is_null());
            continue;
        };
        let receipt = record.receipt;
        assert_eq!(item["seq"], receipt.seq);
        assert_eq!(item["state"], json!(receipt.state));
        assert_eq!(item["transaction"]["id"], json!(record.transaction.id));
        assert_eq!(item["moves"].as_array().map(Vec::len), Some(record.moves.len()));
        let view =
            server.book.transaction(record.transaction.id).expect("read").expect("in the book");
        let moves: Vec<_> = view.moves.iter().map(Into::into).collect();
        assert_eq!((&record.transaction, &record.moves), (&view.transaction, &moves));
    }
    assert_eq!(found.orders.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(json["orders"][0][0]["seq"], found.orders[0][0].receipt.seq);
    assert_eq!(found.holds_of[0].len(), 1);
    assert_eq!(json["holds_of"][0][0]["id"], json!(found.holds_of[0][0].id));
}

/// Seeded bytes behind a sound header: refused or applied, never a fault of ours.
#[tokio::test]
async fn random_frames_never_fault() {
    let server = Server::open(true).await;
    let key = server.master().await;
    for round in 0..400u32 {
        let mut length = [0; 1];
        server.random.fill(&mut length);
        let mut body = vec![0; usize::from(length[0])];
        server.random.fill(&mut body);
        let kind = u8::try_from(round % 2 + 1).expect("1 or 2");
        let head =
            [b'C', b'H', b'L', b'B', 1, kind, 0, 0, u8::try_from(round % 4).expect("few"), 0, 0, 0];
        let frame = [&head[..], &body].concat();
        let path = if kind == 1 { "transactions" } else { "lookups" };
        let reply = server.post(path, &key, FRAME, frame).await;
        assert!(reply.status == 200 || reply.status == 400, "round {round}: {}", reply.status);
    }
}
