//! The ledger over real HTTP: a book of its own behind a socket.

mod bad_input;
mod both_forms;
mod journey;
mod keys;
mod transit;

use bookkeeper::Bookkeeper;
use ledger::{Chart, GlCode};
use records::{Records, Secrets};
use serde_json::{Value, json};
use server::{LedgerDesk, LedgerKeys, NewKey, Reach, Scope};
use std::sync::Arc;
use tempfile::TempDir;
use testkit::{SeededRandom, clock_at};
use types::{AccountId, Clock, Random, TransactionId};

/// A leaf that no room of an institution uses for outsiders: other payables.
pub const LEAF: u32 = 220_202;
/// A leaf in the same fund.
pub const OTHER: u32 = 222_101;
pub const FRAME: &str = "application/vnd.countinghouse.ledger.v1";
pub const JSON: &str = "application/json";

pub struct Server {
    pub book: Bookkeeper,
    pub keys: LedgerKeys,
    pub random: SeededRandom,
    pub address: String,
    pub client: reqwest::Client,
    _folder: TempDir,
}

pub struct Reply {
    pub status: u16,
    pub media: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        assert!(self.media.starts_with("application/problem+json"), "{}", self.media);
        (self.status, self.json()["code"].as_str().expect("a code").to_owned())
    }
}

impl Server {
    pub async fn open(alone: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock: Arc<dyn Clock> = clock_at("2026-10-12T09:00:00+08:00");
        let text = include_str!("../../../../../books/chart.toml");
        let chart = Chart::parse(text, "chart.toml").expect("chart");
        let config =
            bookkeeper::Config { dir: folder.path().join("book"), open_date: clock.now().date() };
        let book = Bookkeeper::open(config, chart, Arc::clone(&clock)).expect("a book");
        let url = testkit::postgres::records_url(folder.path());
        let records = Records::open(&url, &[server::LEDGER_MIGRATIONS]).await.expect("records");
        let random = SeededRandom::new(7);
        let secrets = Secrets::open(&folder.path().join("keys"), &random).expect("keys");
        let keys = LedgerKeys::new(records, Arc::new(secrets), clock);
        let desk = if alone {
            LedgerDesk::alone(book.clone(), keys.clone())
        } else {
            LedgerDesk::of_institution(book.clone(), keys.clone())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let chance: Arc<dyn Random> = Arc::new(SeededRandom::new(8));
        tokio::spawn(server::serve_ledger(listener, desk, chance, std::future::pending()));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { book, keys, random, address, client, _folder: folder }
    }

    pub async fn key(&self, name: &str, scopes: &[Scope], reach: Reach) -> String {
        let scopes = scopes.iter().copied().collect();
        let new = NewKey { name: name.to_owned(), scopes, reach };
        self.keys.make(new, "test", &self.random).await.expect("a key")
    }

    /// A key for everything.
    pub async fn master(&self) -> String {
        self.key("master", &[Scope::Read, Scope::Post], Reach::WholeBook).await
    }

    pub async fn post(
        &self,
        path: &str,
        key: &str,
        media: &str,
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let request = self.client.post(format!("{}/v1/ledger/{path}", self.address));
        let request = request.bearer_auth(key).header("content-type", media).body(body);
        reply(request).await
    }

    pub async fn get(&self, path: &str, key: &str) -> Reply {
        let request = self.client.get(format!("{}/v1/ledger/{path}", self.address));
        reply(request.bearer_auth(key)).await
    }

    /// With JSON, which must be taken.
    pub async fn call(&self, path: &str, key: &str, body: &Value) -> Value {
        let reply = self.post(path, key, JSON, body.to_string()).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// Opens accounts 1 to `count` on a leaf.
    pub async fn accounts(&self, key: &str, leaf: u32, ids: std::ops::Range<u128>) {
        let open = |n| {
            json!({ "type": "open", "id": account(n), "asset": 1, "leaf": leaf,
                "owner": { "kind": "house" }, "flags": { "debits_must_not_exceed_credits": false,
                "credits_must_not_exceed_debits": false, "history": true } })
        };
        let items: Vec<Value> = ids.map(open).collect();
        let told = self.call("accounts", key, &json!({ "items": items })).await;
        for outcome in told["outcomes"].as_array().expect("outcomes") {
            assert_eq!(outcome["result"], "done", "{told}");
        }
    }
}

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let media = response.headers().get("content-type").and_then(|v| v.to_str().ok());
    let media = media.unwrap_or_default().to_owned();
    let body = response.bytes().await.expect("a body").to_vec();
    Reply { status, media, body }
}

pub fn account(n: u128) -> String {
    AccountId::from_u128(n).to_string()
}

pub fn id(n: u128) -> String {
    TransactionId::from_u128(n).to_string()
}

/// A transfer of 100 from account 1 to account 2.
pub fn transfer(n: u128) -> Value {
    json!({ "id": id(n), "event": 900,
        "postings": [{ "debit": account(1), "credit": account(2), "amount_minor": 100 }] })
}

pub fn leaves(codes: &[u32]) -> Reach {
    Reach::Leaves(codes.iter().copied().map(GlCode).collect())
}
