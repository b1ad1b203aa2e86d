//! Every page's sample in a real browser: both languages, both colour schemes, a phone and a desk.

use super::pages;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Html;
use axum::routing::{get, post};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::Browser;
use tokio::sync::oneshot;
use types::Locale;

/// After which a browser that says nothing is given up: a guard, not a measure.
const PATIENCE: Duration = Duration::from_mins(5);

/// Fetches the pages' addresses, looks at each in a frame, tells the faults it found.
const INSPECTOR: &str = include_str!("looked_at.html");

#[derive(Clone)]
struct Desk {
    /// Address and text.
    pages: Arc<Vec<(String, String)>>,
    told: Arc<Mutex<Option<oneshot::Sender<Value>>>>,
}

async fn addresses(State(desk): State<Desk>) -> axum::Json<Vec<String>> {
    axum::Json(desk.pages.iter().map(|(address, _)| address.clone()).collect())
}

async fn written(State(desk): State<Desk>, Path(address): Path<String>) -> Html<String> {
    let page = desk.pages.iter().find(|(known, _)| *known == address);
    Html(page.expect("a page that was named").1.clone())
}

async fn told(State(desk): State<Desk>, body: String) {
    let sender = desk.told.lock().expect("whole").take().expect("told once");
    sender.send(serde_json::from_str(&body).expect("JSON")).expect("somebody waits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_read_and_used_on_a_phone_and_at_a_desk_by_day_and_night() {
    let in_language = |l: Locale| {
        pages(l).into_iter().map(move |(name, text)| (format!("{name}.{}", l.tag()), text))
    };
    let all: Vec<_> = [Locale::En, Locale::Zh].into_iter().flat_map(in_language).collect();
    // Each at two widths in two colour schemes.
    let looks = all.len() * 4;
    let (tell, heard) = oneshot::channel();
    let desk = Desk { pages: Arc::new(all), told: Arc::new(Mutex::new(Some(tell))) };
    let style = || async {
        ([(header::CONTENT_TYPE, "text/css")], include_str!("../../../assets/console.css"))
    };
    let router = Router::new()
        .route("/", get(async || Html(INSPECTOR)))
        .route("/pages", get(addresses))
        .route("/pages/{address}", get(written))
        .route("/assets/console.css", get(style))
        .route("/told", post(told))
        .with_state(desk);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = Browser::open(&url);
    let told = tokio::time::timeout(PATIENCE, heard).await;
    drop(browser);
    serving.abort();
    let told = told.expect("the browser tells something").expect("it does");
    assert_eq!(told["error"], Value::Null);
    assert_eq!(told["looks"], looks);
    assert_eq!(told["faults"], serde_json::json!([]), "{told:#}");
}
