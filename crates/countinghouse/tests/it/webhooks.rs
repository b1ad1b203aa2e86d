//! What merchants are told, by the real binary, at a listener of the test: signed as documented,
//! again after a failure, after kill -9, and never at an internal address unless that is allowed.

use crate::house::{House, PATIENCE, run};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{ChannelKey, ChannelTerms};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use simulators::{ChannelSimulator, Faults, SimulatorConfig, SimulatorKind};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
const KEY: [u8; 32] = [9; 32];

/// An institution with real time, founded by the binary, and channels that the test plays.
struct Town {
    root: tempfile::TempDir,
    config: PathBuf,
    _channels: Vec<ChannelSimulator>,
}

impl Town {
    /// `webhooks` is what the configuration says about them.
    async fn found(webhooks: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let key_file = root.path().join("partner.key");
        std::fs::write(&key_file, hex::encode(KEY)).expect("written");
        let mut config = webhooks.to_owned();
        let mut party = |table: &str, code: &str, url: &str| {
            let key_file = key_file.display();
            writeln!(
                config,
                "[[{table}]]\ncode = '{code}'\nurl = '{url}'\nkey_file = '{key_file}'"
            )
            .expect("written");
        };
        let mut playing = Vec::new();
        let book = include_str!("../../../../books/channels.toml");
        for terms in channels::parse(book, "channels.toml").expect("the book") {
            let channel = play(&terms, &root.path().join(&terms.code)).await;
            party("channel", &terms.code, &channel.url());
            playing.push(channel);
        }
        let book = include_str!("../../../../books/verifiers.toml");
        for terms in members::verification::Verifiers::parse(book, "v.toml").expect("the book").0 {
            // Nobody is verified here.
            party("verifier", &terms.code, "http://127.0.0.1:9");
        }
        let file = root.path().join("countinghouse.toml");
        std::fs::write(&file, config).expect("written");
        let town = Self { root, config: file, _channels: playing };
        let output = run(&["found", "--data-dir", &town.folder().display().to_string()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        town
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("institution")
    }

    fn open(&self) -> House {
        House::open_with(&self.folder(), &self.config)
    }
}

async fn play(terms: &ChannelTerms, dir: &Path) -> ChannelSimulator {
    let wallet = terms.statement_format == "alipay-business-detail";
    let config = SimulatorConfig {
        kind: if wallet { SimulatorKind::Wallet } else { SimulatorKind::Card },
        dir: dir.to_owned(),
        listen: LOCAL,
        key: ChannelKey::new(KEY),
        seed: 1,
        cost: terms.cost,
        faults: Faults::default(),
        packed: false,
    };
    ChannelSimulator::start(config).await.expect("the channel starts")
}

/// Where a merchant is told.
struct Listener {
    url: String,
    heard: Mutex<Vec<Heard>>,
    /// How many of the next messages are answered with 500.
    refusing: AtomicU32,
}

#[derive(Clone)]
struct Heard {
    headers: HeaderMap,
    body: String,
    taken: bool,
}

async fn hear(State(it): State<Arc<Listener>>, headers: HeaderMap, body: String) -> StatusCode {
    let fewer = |left: u32| left.checked_sub(1);
    let refused = it.refusing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok();
    it.heard.lock().expect("whole").push(Heard { headers, body, taken: !refused });
    if refused { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
}

impl Listener {
    async fn start(refusing: u32) -> Arc<Self> {
        let socket = tokio::net::TcpListener::bind(LOCAL).await.expect("a port");
        let url = format!("http://{}/hook", socket.local_addr().expect("an address"));
        let listener =
            Arc::new(Self { url, heard: Mutex::default(), refusing: AtomicU32::new(refusing) });
        let router = Router::new().route("/hook", post(hear)).with_state(Arc::clone(&listener));
        tokio::spawn(async move { axum::serve(socket, router).await });
        listener
    }

    /// What was heard, once it is this much.
    async fn heard(&self, count: usize) -> Vec<Heard> {
        let began = Instant::now();
        loop {
            let heard = self.heard.lock().expect("whole").clone();
            if heard.len() >= count {
                return heard;
            }
            assert!(began.elapsed() < PATIENCE, "only {} messages were heard", heard.len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    fn seconds(&self) -> i64 {
        self.header("webhook-timestamp").parse().expect("a number")
    }

    /// Checks the signature by the words of docs/reference/webhooks.md.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key =
            STANDARD.decode(secret.strip_prefix("whsec_").expect("its form")).expect("base64");
        let signed =
            [self.header("webhook-id"), self.header("webhook-timestamp"), &self.body].join(".");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(signed.as_bytes());
        self.header("webhook-signature").split(' ').any(|signature| {
            let given = signature.strip_prefix("v1,").expect("a version");
            mac.clone().verify_slice(&STANDARD.decode(given).expect("base64")).is_ok()
        })
    }

    fn tells_of(&self, order: &Value) {
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body["type"], "order.succeeded");
        assert_eq!(body["data"]["order_id"], order["id"]);
        assert_eq!(body["data"]["key"], order["order_no"]);
        assert_eq!(body["data"]["amount_minor"], 1_299);
    }
}

/// A merchant that is told at `url`, as its API key and webhook secret, and a user.
async fn parties(house: &House, url: &str) -> (String, String, String) {
    let body = json!({
        "name": {"en": "Lotus Tea", "zh": "莲花茶铺"}, "uscc": "91330100799655058B",
        "fee_plan": "standard", "cycle": "T+1", "webhook_url": url
    });
    let path = "/v1/admin/merchants";
    let (_, made) = house.send(Method::POST, path, &house.token, &body.to_string()).await;
    let word = |name: &str| made[name].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let (key, secret) = (word("api_key"), word("webhook_secret"));
    let body = json!({ "phone": "13800138000" }).to_string();
    let (_, made) = house.send(Method::POST, "/v1/users", &key, &body).await;
    let user = made["user"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (key, secret, user)
}

/// A payment by wallet that succeeds.
async fn pay(house: &House, key: &str, user: &str) -> Value {
    let body = json!({
        "order_no": "n1", "kind": "payment", "user": user, "amount_minor": 1_299,
        "currency": "CNY", "subject": "tea",
        "method": {"type": "channel", "channel": "wallet", "instrument": "wallet_1"},
        "authentication": {"type": "by_channel"}
    });
    let (_, order) = house.send(Method::POST, "/v1/orders", key, &body.to_string()).await;
    assert_eq!(order["status"], "succeeded", "{order}");
    order
}

/// Waits until the order's page in the console shows this.
async fn shown(house: &House, order: &Value, what: &str) {
    let stay = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().redirect(stay).build().expect("made");
    let entrance = format!("{}/sign-in?token={}", house.url, house.token);
    let signed_in = browser.get(entrance).send().await.expect("an answer");
    let cookie = signed_in.headers()["set-cookie"].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let url = format!("{}/orders/{}", house.url, order["id"].as_str().expect("an id"));
    let began = Instant::now();
    loop {
        let asked = browser.get(&url).header("cookie", &cookie).send().await.expect("an answer");
        let page = asked.text().await.expect("a page");
        if page.contains(what) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "the page does not show {what}: {page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

const ALLOWED: &str = "[webhooks]\ninternal_targets = true\n";

#[tokio::test]
async fn a_result_is_told_signed_and_again_after_a_500() {
    let town = Town::found(ALLOWED).await;
    let listener = Listener::start(1).await;
    let house = town.open();
    let (key, secret, user) = parties(&house, &listener.url).await;
    let order = pay(&house, &key, &user).await;

    let heard = listener.heard(2).await;
    assert_eq!([heard[0].taken, heard[1].taken], [false, true]);
    for message in &heard {
        message.tells_of(&order);
        assert!(message.is_signed_with(&secret), "{}", message.header("webhook-signature"));
        let other = format!("whsec_{}", STANDARD.encode([0; 32]));
        assert!(!message.is_signed_with(&other));
    }
    let ids = [heard[0].header("webhook-id"), heard[1].header("webhook-id")];
    assert_eq!(ids[0], ids[1], "by its id the receiver knows that it is the same");
    assert_eq!(heard[0].body, heard[1].body);
    assert!(heard[1].seconds() >= heard[0].seconds() + 5, "not at once");
    shown(&house, &order, "delivered").await;
}

#[tokio::test]
async fn a_result_is_told_though_the_server_was_killed_in_between() {
    let town = Town::found(ALLOWED).await;
    let listener = Listener::start(u32::MAX).await;
    let house = town.open();
    let (key, secret, user) = parties(&house, &listener.url).await;
    let order = pay(&house, &key, &user).await;
    shown(&house, &order, "webhook_not_taken").await;
    house.kill();
    let refused = listener.heard(1).await;
    listener.refusing.store(0, Ordering::SeqCst);

    let _house = town.open();
    let heard = listener.heard(refused.len() + 1).await;
    let told = &heard[refused.len()];
    assert!(refused.iter().all(|message| !message.taken) && told.taken);
    assert_eq!(told.header("webhook-id"), refused[0].header("webhook-id"));
    assert!(told.is_signed_with(&secret));
    told.tells_of(&order);
}

/// Counts who connects, and says nothing.
async fn counted() -> (String, Arc<AtomicU32>) {
    let socket = tokio::net::TcpListener::bind(LOCAL).await.expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let connections = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&connections);
    tokio::spawn(async move {
        while socket.accept().await.is_ok() {
            counting.fetch_add(1, Ordering::SeqCst);
        }
    });
    // By name, so that only the resolver can see where it leads.
    (format!("http://localhost:{port}/hook"), connections)
}

#[tokio::test]
async fn an_internal_target_is_not_connected_to_unless_that_is_allowed() {
    let town = Town::found("").await;
    let (url, connections) = counted().await;
    let house = town.open();
    let (key, _, user) = parties(&house, &url).await;
    let order = pay(&house, &key, &user).await;
    shown(&house, &order, "webhook_target_internal").await;
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    drop(house);

    // The same message leaves once the configuration allows it.
    let allowed = std::fs::read_to_string(&town.config).expect("readable") + ALLOWED;
    std::fs::write(&town.config, allowed).expect("written");
    let _house = town.open();
    let began = Instant::now();
    while connections.load(Ordering::SeqCst) == 0 {
        assert!(began.elapsed() < PATIENCE, "nobody connected");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_simulated_institution_tells_whoever_listens_beside_it() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    let shown = folder.display().to_string();
    let output = run(&["demo", "--exit", "--orders", "20", "--json", "--data-dir", &shown]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listener = Listener::start(0).await;
    let house = House::open(&folder);
    let (key, secret, user) = parties(&house, &listener.url).await;
    let order = pay(&house, &key, &user).await;
    let heard = listener.heard(1).await;
    heard[0].tells_of(&order);
    assert!(heard[0].is_signed_with(&secret));
}
