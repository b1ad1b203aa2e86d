//! Money in transit over the network: shown by source and value date, settled by a call; and what
//! corrects what.

use super::*;
use ledger::wire::{self, Found, Lookups};
use ledger::{CorrectionKind, Lot};

/// What channels owe: a source of money in transit.
const RECEIVABLE: u32 = 112_201;
/// A balance that follows it.
const BALANCE: u32 = 201_101;

async fn found(server: &Server, key: &str, lookups: &Lookups) -> (Value, Found) {
    let asked = json!({ "accounts": lookups.accounts, "transactions": lookups.transactions });
    let json = server.call("lookups", key, &asked).await;
    let mut frame = Vec::new();
    wire::encode_lookups(lookups, &mut frame);
    let reply = server.post("lookups", key, FRAME, frame).await;
    (json, wire::decode_found(&reply.body).expect("a frame"))
}

fn accounts(ids: &[u128]) -> Lookups {
    let accounts = ids.iter().copied().map(AccountId::from_u128).collect();
    Lookups { accounts, ..Lookups::default() }
}

fn funds(free: (i64, u64), held: (u64, u64), lots: &Value) -> Value {
    json!({ "settled_free_minor": free.0, "transit_free_minor": free.1,
        "settled_held_minor": held.0, "transit_held_minor": held.1, "lots": lots })
}

fn settle(n: u128, source: u128, through: &str) -> Value {
    json!({ "items": [{ "type": "settle", "id": id(n), "source": account(source),
        "through": through, "reference": "000000000000000000000000000000ff" }] })
}

/// Account 1 is a source; 100 came from it to account 2 on the first date, of which 30 are held, and
/// 5 on the second.
async fn server() -> (Server, String) {
    let server = Server::open(true).await;
    let key = server.master().await;
    fill(&server, &key).await;
    (server, key)
}

async fn fill(server: &Server, key: &str) {
    server.accounts(key, RECEIVABLE, 1..2).await;
    server.accounts(key, BALANCE, 2..4).await;
    let mut hold = transfer(2);
    hold["action"] = json!({ "type": "hold" });
    hold["postings"] = json!([{ "debit": account(2), "credit": account(3), "amount_minor": 30 }]);
    server.call("transactions", key, &json!({ "items": [transfer(1), hold] })).await;
    let cut = json!({ "closing": "2026-10-12", "opening": "2026-10-13" });
    server.call("day-cuts", key, &cut).await;
    let mut second = transfer(3);
    second["postings"][0]["amount_minor"] = json!(5);
    let told = server.call("transactions", key, &json!({ "items": [second] })).await;
    assert_eq!(told["outcomes"][0]["result"], "done", "{told}");
}

#[tokio::test]
async fn money_in_transit_is_shown_and_settled() {
    let (server, key) = server().await;
    let asked = accounts(&[2, 1]);
    let (json, frame) = found(&server, &key, &asked).await;
    let lot = |date, free, held| json!({ "source": account(1), "date": date, "free_minor": free, "held_minor": held });
    let second = lot("2026-10-13", 5, 0);
    let lots = json!([lot("2026-10-12", 70, 30), second.clone()]);
    assert_eq!(json["accounts"][0]["funds"], funds((0, 75), (0, 30), &lots), "{json}");
    assert_eq!(json["accounts"][0].get("settled_through"), None);
    let record = frame.accounts[0].as_ref().expect("there");
    let (free, held) = (70, 30);
    let first = Lot {
        source: AccountId::from_u128(1),
        date: "2026-10-12".parse().expect("a date"),
        free,
        held,
    };
    assert_eq!((record.funds.transit_free, record.funds.lots.first()), (75, Some(&first)));
    assert_eq!(json["accounts"][1]["funds"], funds((105, 0), (0, 0), &json!([])));

    // What has not settled does not leave the house.
    let mut out = transfer(4);
    out["postings"] = json!([{ "debit": account(2), "credit": account(3), "amount_minor": 60,
        "settled_only": true }]);
    let out = json!({ "items": [out] });
    let told = server.call("transactions", &key, &out).await;
    assert_eq!(told["outcomes"][0]["code"], "not_settled");

    for (body, code) in [
        (settle(5, 1, "2026-10-13"), "value_date_open"),
        (settle(5, 2, "2026-10-12"), "not_a_source"),
        (settle(5, 9, "2026-10-12"), "account_not_found"),
        (settle(1, 1, "2026-10-12"), "id_conflict"),
    ] {
        let told = server.call("accounts", &key, &body).await;
        assert_eq!(told["outcomes"][0]["code"], code, "{told}");
    }
    for result in ["done", "exists"] {
        let told = server.call("accounts", &key, &settle(5, 1, "2026-10-12")).await;
        assert_eq!(told["outcomes"][0]["result"], result, "{told}");
    }
    let (json, frame) = found(&server, &key, &asked).await;
    let left = json!([second]);
    assert_eq!(json["accounts"][0]["funds"], funds((70, 5), (30, 0), &left), "{json}");
    assert_eq!(json["accounts"][1]["settled_through"], "2026-10-12");
    let source = frame.accounts[1].as_ref().expect("there");
    assert_eq!(source.settled_through, "2026-10-12".parse().ok());
    let told = server.call("transactions", &key, &out).await;
    assert_eq!(told["outcomes"][0]["result"], "done", "{told}");
}

#[tokio::test]
async fn a_confined_key_settles_only_its_own_sources() {
    let server = Server::open(true).await;
    let near = server.key("near", &[Scope::Post], leaves(&[RECEIVABLE])).await;
    let far = server.key("far", &[Scope::Post], leaves(&[BALANCE])).await;
    fill(&server, &server.master().await).await;
    let body = settle(5, 1, "2026-10-12");
    let told = server.call("accounts", &far, &body).await;
    assert_eq!(told["outcomes"][0]["code"], "ledger_key_reach");
    let told = server.call("accounts", &near, &body).await;
    assert_eq!(told["outcomes"][0]["result"], "done");
}

#[tokio::test]
async fn both_ends_of_a_correction_know_of_it() {
    let (server, key) = server().await;
    let mut reversal = transfer(6);
    reversal["postings"] =
        json!([{ "debit": account(2), "credit": account(1), "amount_minor": 5 }]);
    reversal["corrects"] = json!({ "of": id(3), "kind": "reversal" });
    let mut supplement = transfer(7);
    supplement["corrects"] = json!({ "of": id(3), "kind": "supplement" });
    let items = json!({ "items": [supplement, reversal] });
    let told = server.call("transactions", &key, &items).await;
    assert_eq!(told["outcomes"][1]["result"], "done", "{told}");
    let transactions = [3, 6].map(TransactionId::from_u128).to_vec();
    let asked = Lookups { transactions, ..Lookups::default() };
    let (json, frame) = found(&server, &key, &asked).await;
    assert_eq!(
        json["transactions"][0]["corrected_by"],
        json!([{ "by": id(7), "kind": "supplement" }, { "by": id(6), "kind": "reversal" }])
    );
    assert_eq!(json["transactions"][1].get("corrected_by"), None);
    assert_eq!(json["transactions"][1]["transaction"]["corrects"]["of"], id(3));
    let kinds: Vec<_> = frame.transactions[0]
        .iter()
        .flat_map(|record| record.corrected_by.iter().map(|one| one.kind))
        .collect();
    assert_eq!(kinds, [CorrectionKind::Supplement, CorrectionKind::Reversal]);
}

#[tokio::test]
async fn entries_are_read_by_accounting_dates() {
    let (server, key) = server().await;
    let page = |from: &str, to: &str| {
        let date = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({ "account": account(2), "from": date(from), "to": date(to), "limit": 1 })
    };
    let asked = json!({ "entries": [page("", ""), page("2026-10-13", ""), page("", "2026-10-12"),
        page("2026-10-14", ""), page("", "2026-10-11"), page("2026-10-12", "2026-10-13")] });
    let past = server.call("history", &key, &asked).await;
    let amounts: Vec<_> = past["entries"]
        .as_array()
        .expect("pages")
        .iter()
        .map(|page| json!([page["entries"][0]["amount_minor"], page.get("next").is_some()]))
        .collect();
    let none = json!([null, false]);
    assert_eq!(
        amounts,
        [
            json!([100, true]),
            json!([5, true]),
            json!([100, true]),
            none.clone(),
            none,
            json!([100, true])
        ]
    );
    let next = &past["entries"][2]["next"];
    let asked =
        json!({ "entries": [{ "account": account(2), "to": "2026-10-12", "after": next }] });
    let rest = server.call("history", &key, &asked).await;
    assert_eq!(rest["entries"][0], json!({ "entries": [] }));
}
