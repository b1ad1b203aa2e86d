//! The key pad's client (`clients/keypad`) in a real browser: what a page seals, the house opens,
//! and for nothing else.

use crate::house::House;
use crate::people::{PASSWORD, order, sealed};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testhouse::Town;
use testkit::Browser;
use tokio::sync::oneshot;
use types::Clock;

/// After which a browser that says nothing is given up, seconds: a guard, not a measure.
const PATIENCE: u64 = 120;

const PAGE: &str = r#"<!doctype html><title>key pad</title>
<script type="importmap">{ "imports": {
  "@hpke/core": "/client/node_modules/@hpke/core/esm/mod.js",
  "@hpke/common": "/client/node_modules/@hpke/common/esm/mod.js" } }</script>
<script type="module">
  const tell = (told) => fetch("/told", { method: "POST", body: JSON.stringify(told) });
  try {
    const { seal } = await import("/client/keypad.js");
    const jobs = await (await fetch("/jobs")).json();
    const envelopes = [];
    for (const job of jobs) envelopes.push(await seal({ ...job, at: new Date(job.at) }));
    const refused = [];
    for (const wrong of [{ password: "12345" }, { password: "12345a" }, { amountMinor: 1.5 },
        { key: { suite: "rot13" } }]) {
      await seal({ ...jobs[0], ...wrong }).then(() => {}, (e) => refused.push(e.name));
    }
    await tell({ envelopes, refused });
  } catch (e) { await tell({ error: String(e) }); }
</script>"#;

fn client() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../clients/keypad")
}

/// What the shop's own server has for the page.
#[derive(Clone)]
struct Shop {
    jobs: Arc<Value>,
    told: Arc<Mutex<Option<oneshot::Sender<Value>>>>,
}

/// A file of the client, as any web server would send it.
async fn file(Path(path): Path<String>) -> Result<impl IntoResponse, StatusCode> {
    if path.split('/').any(|part| part == "..") {
        return Err(StatusCode::NOT_FOUND);
    }
    let text = std::fs::read_to_string(client().join(path)).map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(([(header::CONTENT_TYPE, "text/javascript")], text))
}

async fn told(State(shop): State<Shop>, body: String) {
    let value = serde_json::from_str(&body).expect("JSON");
    let sender = shop.told.lock().expect("whole").take();
    sender.expect("told once").send(value).expect("somebody waits");
}

/// What the page tells after it has done these jobs.
async fn in_browser(jobs: Value) -> Value {
    assert!(
        client().join("node_modules/@hpke/core").is_dir(),
        "run 'npm ci' in clients/keypad; ./test does that"
    );
    let (tell, heard) = oneshot::channel();
    let shop = Shop { jobs: Arc::new(jobs), told: Arc::new(Mutex::new(Some(tell))) };
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/client/{*path}", get(file))
        .route("/jobs", get(async |State(shop): State<Shop>| axum::Json((*shop.jobs).clone())))
        .route("/told", post(told))
        .with_state(shop);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = Browser::open(&url);
    let told = tokio::time::timeout(Duration::from_secs(PATIENCE), heard).await;
    drop(browser);
    serving.abort();
    told.expect("the page tells something").expect("it does")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_page_seals_pays_its_order_and_no_other() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let merchant = house.api("GET", "/v1/merchant", &key, &Value::Null).await.json();
    let payee = merchant["merchant"].as_str().expect("an id").to_owned();

    // What the shop's server fetches for its page.
    let (mut jobs, mut uses) = (Vec::new(), Vec::new());
    for (number, suite) in (1..).zip(["hpke", "rsa-oaep-256"]) {
        // A payer each: so many orders of one are refused by risk control before they are opened.
        let user = house.person_with(&key, number, 100_000).await;
        let path = format!("/v1/password-key?suite={suite}");
        let public = house.api("GET", &path, &key, &Value::Null).await.json();
        for (bent, minor) in [("right", 1_237), ("order", 1_531), ("amount", 1_723)] {
            let path = format!("/v1/users/{user}/password-nonce");
            let nonce = house.api("POST", &path, &key, &Value::Null).await.json()["nonce"].clone();
            let no = format!("{suite}-{bent}");
            jobs.push(json!({
                "key": public, "nonce": nonce, "user": user, "order": no, "amountMinor": minor,
                "payee": payee, "password": PASSWORD, "at": house.clock.now().as_millis(),
            }));
            uses.push((bent, no, minor, user.clone()));
        }
    }
    let told = in_browser(Value::Array(jobs)).await;
    assert_eq!(told["error"], Value::Null, "{told}");
    assert_eq!(told["refused"], json!(["RangeError", "RangeError", "RangeError", "RangeError"]));

    for ((bent, no, minor, user), envelope) in
        uses.iter().zip(told["envelopes"].as_array().expect("envelopes"))
    {
        let (no_, minor_) = match *bent {
            "order" => (format!("{no}-other"), *minor),
            "amount" => (no.clone(), minor + 1),
            _ => (no.clone(), *minor),
        };
        let new = sealed(order("payment", &no_, user, minor_), envelope);
        if *bent == "right" {
            house.placed(&key, &new, "succeeded").await;
            let again = sealed(order("payment", &format!("{no}-again"), user, *minor), envelope);
            let replayed = house.api("POST", "/v1/orders", &key, &again).await;
            assert_eq!(replayed.problem().0, "envelope_invalid", "{no}");
        } else {
            let moved = house.api("POST", "/v1/orders", &key, &new).await;
            assert_eq!(moved.problem().0, "envelope_invalid", "{no}");
        }
    }
}
