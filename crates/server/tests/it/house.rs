//! A small institution: every room, and a clock that stands. Outside there is nothing, or a town.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use members::{HashCost, MembersConfig, UserFilter, UserView};
use payments::{Filter, Order, Page};
use serde_json::Value;
use server::{App, LedgerKeys, Limits, Operators};
use std::sync::Arc;
use tempfile::TempDir;
use testhouse::{Site, Town};
use testkit::{SeededRandom, clock_at};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use types::{Clock, ManualClock, Random};

/// The operator's token.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// The issuer, where the house is served on no socket.
pub const ISSUER: &str = "http://127.0.0.1:8787";

/// Hashing at its shipped cost would make the tests wait; its cost is measured apart.
const CHEAP: HashCost = HashCost { memory_kib: 32, passes: 1, lanes: 1 };

/// The house and its router.
pub struct House {
    pub app: App,
    pub clock: Arc<ManualClock>,
    router: Router,
    session: OnceCell<String>,
    /// Where it is served, if it is.
    socket: Option<Socket>,
    _folder: TempDir,
}

/// The address of a house that is served, and a client that follows nothing by itself.
struct Socket {
    base: String,
    client: reqwest::Client,
}

/// A port to be served on, and its address.
pub async fn port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

impl Socket {
    fn serving(app: App, (listener, base): (TcpListener, String)) -> Self {
        tokio::spawn(server::serve(listener, app, std::future::pending()));
        let client = reqwest::Client::builder().no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { base, client }
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 8 << 20).await.expect("a body");
        let url = format!(
            "{}{}",
            self.base,
            parts.uri.path_and_query().map_or("/", |path| path.as_str())
        );
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body);
        let answer = sent.send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Reply { status, headers, body: answer.text().await.expect("text") }
    }
}

/// What came back.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// A header's text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `code` and `field` of a problem.
    pub fn problem(&self) -> (String, Option<String>) {
        assert!(
            self.header("content-type").starts_with("application/problem+json"),
            "{}",
            self.body
        );
        let body = self.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        assert_eq!(body["status"], self.status.as_u16());
        assert!(text("detail").is_some_and(|detail| !detail.is_empty()));
        (text("code").expect("a code"), text("field"))
    }
}

/// What a refusal must leave as it was: the book, every order, every user, what people changed.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    book: u64,
    orders: Vec<Order>,
    users: Vec<UserView>,
    audited: usize,
}

impl House {
    /// Opens it.
    pub async fn open() -> Self {
        Self::with_limits(Limits::default()).await
    }

    /// Opens it with these limits for each client.
    pub async fn with_limits(limits: Limits) -> Self {
        Self::outside(limits, &Town::empty(), ::sso::Config::default(), ISSUER).await
    }

    /// Opens it in a town of channels and verification providers, and serves it on a socket: what
    /// is asked of it goes over HTTP.
    pub async fn in_town(town: &Town) -> Self {
        Self::signing_on(town, ::sso::Config::default(), port().await).await
    }

    /// The same at this port, with this configuration of signing in.
    pub async fn signing_on(
        town: &Town,
        config: ::sso::Config,
        port: (TcpListener, String),
    ) -> Self {
        let house = Self::outside(Limits::default(), town, config, &port.1).await;
        let socket = Some(Socket::serving(house.app.clone(), port));
        Self { socket, ..house }
    }

    /// Under which address browsers and clients reach it.
    pub fn issuer(&self) -> &str {
        self.app.sso.issuer()
    }

    async fn outside(limits: Limits, town: &Town, config: ::sso::Config, issuer: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let by_hand = clock_at("2026-10-12T09:00:00+08:00");
        let clock: Arc<dyn Clock> = Arc::clone(&by_hand) as _;
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
        let rooms = testhouse::House::open(Site {
            folder: folder.path(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            town,
            members: MembersConfig { password_hash: CHEAP, ..MembersConfig::default() },
            rules: book!("risk/rules.toml"),
            migrations: &[
                server::LEDGER_MIGRATIONS,
                ::sso::MIGRATIONS,
                server::OPERATOR_MIGRATIONS,
            ],
        });
        let rooms = rooms.await;
        let (store, secrets) = (&rooms.records, &rooms.secrets);
        let sso = ::sso::Sso::open(
            ::sso::Parts {
                records: store.clone(),
                members: rooms.members.clone(),
                secrets: Arc::clone(secrets),
                config,
                default_issuer: issuer.to_owned(),
                random: Arc::clone(&random),
            },
            clock.now(),
        );
        let app = App {
            ledger_keys: LedgerKeys::new(store.clone(), Arc::clone(secrets), Arc::clone(&clock)),
            operators: Operators::new(store.clone(), Arc::clone(secrets), Arc::clone(&clock)),
            sso: sso.await.expect("single sign-on"),
            clock,
            random,
            operator_token: TOKEN.to_owned(),
            limits,
            records: rooms.records,
            book: rooms.book,
            assets: rooms.assets,
            templates: rooms.templates,
            chart: rooms.chart,
            members: rooms.members,
            risk: rooms.risk,
            channels: rooms.channels,
            payments: rooms.payments,
            clearing: rooms.clearing,
            recon: rooms.recon,
            day_end: rooms.day_end,
        };
        let router = server::router(app.clone());
        let session = OnceCell::new();
        Self { app, clock: by_hand, router, session, socket: None, _folder: folder }
    }

    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        if let Some(socket) = &self.socket {
            return socket.send(request).await;
        }
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 8 << 20).await.expect("a body");
        let body = String::from_utf8_lossy(&body).into_owned();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request with these headers and this body.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// As a merchant or an operator, with JSON.
    pub async fn api(&self, method: &str, path: &str, key: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.call(method, path, &headers, body).await
    }

    /// A new merchant's API key.
    pub async fn merchant(&self) -> String {
        self.merchant_of(merchant_body()).await
    }

    /// Another merchant's API key.
    pub async fn stranger(&self) -> String {
        let mut body = merchant_body();
        body["uscc"] = "91110000100000001W".into();
        self.merchant_of(body).await
    }

    async fn merchant_of(&self, body: Value) -> String {
        let reply = self.api("POST", "/v1/admin/merchants", TOKEN, &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()["api_key"].as_str().expect("a key").to_owned()
    }

    /// How the house stands.
    pub async fn state(&self) -> State {
        let (app, page) = (&self.app, Page { before: None, limit: 500 });
        let users = app.members.users(UserFilter::default(), None, 200, app.clock.now()).await;
        let audited = records::audit::list(&app.records, None, None, 500).await;
        State {
            book: app.book.seq(),
            orders: app.payments.list(&Filter::default(), page).await.expect("listed"),
            users: users.expect("listed").users,
            audited: audited.expect("listed").len(),
        }
    }

    /// The cookie of somebody who signed in, once: attempts are bounded.
    pub async fn session(&self) -> String {
        let sign_in = async || {
            let reply = self.call("GET", &format!("/sign-in?token={TOKEN}"), &[], "").await;
            let set = reply.header(header::SET_COOKIE.as_str());
            set.split(';').next().expect("a pair").to_owned()
        };
        self.session.get_or_init(sign_in).await.clone()
    }
}

/// A merchant that may be registered.
pub fn merchant_body() -> Value {
    serde_json::json!({
        "name": { "en": "Lotus Tea", "zh": "莲花茶铺" },
        "uscc": "91350211M000100Y46",
        "fee_plan": "standard",
        "cycle": "T+1",
    })
}
