//! Device keys in a real browser against the real binary: a key of Chromium's own authenticator is
//! registered under the payment password and pays orders; what is bent on the way pays none.

use crate::api::{founded, merchant, user};
use crate::devtools::Browser;
use crate::house::House;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use members::Members;
use members::keypad::{self, Binding, Nonce, PublicKeyInfo};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use testkit::SeededRandom;
use types::{Timestamp, UserId};
use webauthn::{AttestationObject, Statement, from_base64, to_base64};

const PASSWORD: &str = "830592";
const MODULE: &str = include_str!("../../../../clients/device-keys/device-keys.js");
const PAGE: &str = "<!doctype html><title>pay</title><script type=module>\
    import * as keys from '/device-keys.js'; globalThis.keys = keys; globalThis.ready = true;\
    </script>";

/// A page of the institution, on a port of its own; its origin.
async fn page() -> String {
    let script = || async { ([("content-type", "text/javascript")], MODULE) };
    let router = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/device-keys.js", get(script));
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = socket.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(socket, router).await });
    format!("http://localhost:{port}")
}

/// What Chromium's authenticators say they are from: the certificate they sign with, in PEM.
async fn maker(browser: &mut Browser) -> String {
    let made = browser.run(
        "navigator.credentials.create({ publicKey: {
            rp: { id: 'localhost', name: 'x' },
            user: { id: new Uint8Array(16), name: 'x', displayName: 'x' },
            challenge: new Uint8Array(32), attestation: 'direct',
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        } }).then((made) => keys.toBase64url(made.response.attestationObject))",
    );
    let made = made.await.expect("a key");
    let object = from_base64(made.as_str().expect("text")).expect("base64url");
    let object = AttestationObject::read(&object).expect("an attestation object");
    let Statement::Packed { x5c, .. } = object.statement else { panic!("not packed") };
    let body = STANDARD.encode(x5c.first().expect("a certificate"));
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
    let body = lines.join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// The shop's server: it has the API key, and relays between the page and the institution.
struct Shop {
    house: House,
    key: String,
    user: String,
    /// A moment of the institution, whose calendar is its own, and when that was here.
    moment: (Timestamp, Instant),
}

impl Shop {
    async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        self.house.send(method, path, &self.key, &body.to_string()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, body).await;
        assert!(status < 300, "{path}: {answer}");
        answer
    }

    /// Has a new user, with a password.
    async fn sign_up(&mut self, phone: &str) {
        self.user = user(&self.house, &self.key, phone).await;
        let path = format!("/v1/users/{}", self.user);
        let (_, shown) = self.call(Method::GET, &path, &Value::Null).await;
        let created = Timestamp::parse(shown["created_at"].as_str().expect("a moment"));
        self.moment = (created.expect("a moment"), Instant::now());
        let envelope = self.sealed(&Members::set_password_binding()).await;
        let body = json!({ "envelope": envelope });
        let path = format!("{path}/payment-password");
        let (status, answer) = self.call(Method::PUT, &path, &body).await;
        assert_eq!(status, 204, "{answer}");
    }

    /// The user's password, sealed as its phone does.
    async fn sealed(&self, binding: &Binding) -> Value {
        let path = format!("/v1/users/{}/password-nonce", self.user);
        let nonce = self.post(&path, &json!({})).await;
        let nonce = Nonce(nonce["nonce"].as_str().expect("a nonce").to_owned());
        let (_, public) = self.call(Method::GET, "/v1/password-key", &Value::Null).await;
        let public: PublicKeyInfo = serde_json::from_value(public).expect("a key");
        let user: UserId = self.user.parse().expect("an id");
        let (random, now) = (SeededRandom::new(7), self.now());
        let sealed = keypad::seal(&public, &nonce, user, binding, PASSWORD, now, &random);
        serde_json::to_value(sealed.expect("sealed")).expect("JSON")
    }

    fn now(&self) -> Timestamp {
        let (moment, then) = self.moment;
        moment.plus_micros(i64::try_from(then.elapsed().as_micros()).expect("short"))
    }

    /// Registers a key of the browser's authenticator.
    async fn register(&self, browser: &mut Browser, name: &str) -> Value {
        let envelope = self.sealed(&Members::device_key_binding()).await;
        let path = format!("/v1/users/{}/device-key-options", self.user);
        let options = self.post(&path, &json!({ "envelope": envelope })).await;
        let script = format!("keys.createDeviceKey({})", options["public_key"]);
        let mut made = browser.run(&script).await.expect("a key");
        made["name"] = name.into();
        made["integrity"] = "intact".into();
        self.post(&format!("/v1/users/{}/device-keys", self.user), &made).await
    }

    /// Places an order that waits for a device key.
    async fn order(&self, number: &str, minor: i64) -> String {
        let new = json!({
            "order_no": number, "kind": "payment", "user": self.user, "amount_minor": minor,
            "currency": "CNY", "subject": "tea", "authentication": {"type": "device_key"},
            "method": {"type": "channel", "channel": "wallet", "instrument": "wallet_1"},
        });
        let order = self.post("/v1/orders", &new).await;
        assert_eq!(order["status"], "authentication_required", "{order}");
        order["id"].as_str().expect("an id").to_owned()
    }

    /// Has the browser sign an order.
    async fn sign(&self, browser: &mut Browser, order: &str) -> Value {
        let path = format!("/v1/orders/{order}/device-key-challenge");
        let asked = self.post(&path, &json!({})).await;
        let script = format!("keys.signOrder({})", asked["public_key"]);
        browser.run(&script).await.expect("a signature")
    }

    /// Brings a signature; the order's status, or the refusal's code.
    async fn bring(&self, order: &str, signed: &Value) -> String {
        let path = format!("/v1/orders/{order}/authentication");
        let (status, answer) =
            self.call(Method::POST, &path, &json!({ "device_key": signed })).await;
        let told = if status == 200 { &answer["status"] } else { &answer["code"] };
        told.as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

async fn open(folder: &Path, root: &Path, origin: &str, maker: &str) -> Shop {
    let roots = root.join("maker.pem");
    std::fs::write(&roots, maker).expect("written");
    let config = root.join("countinghouse.toml");
    let text = format!(
        "[members.device_keys]\npages = ['{origin}']\nattestation_roots = ['{}']\n",
        roots.display()
    );
    std::fs::write(&config, text).expect("written");
    founded(folder);
    let house = House::open_with(folder, &config);
    let key = merchant(&house, "91330100799655058B").await;
    let nobody = (Timestamp::from_micros(0), Instant::now());
    let mut shop = Shop { house, key, user: String::new(), moment: nobody };
    shop.sign_up("13800138000").await;
    shop
}

/// The signature with one bit of one part flipped.
fn bent(signed: &Value, part: &str) -> Value {
    let mut bytes = from_base64(signed[part].as_str().expect("text")).expect("base64url");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut bent = signed.clone();
    bent[part] = to_base64(&bytes).into();
    bent
}

#[tokio::test]
async fn a_browsers_key_pays_what_it_signed_and_nothing_else() {
    let root = tempfile::tempdir().expect("a folder");
    let origin = page().await;
    let mut browser = Browser::open(&root.path().join("profile"), &format!("{origin}/")).await;
    browser.command("WebAuthn.enable", json!({ "enableUI": false })).await;
    let bound = browser.authenticator(false).await;
    let maker = maker(&mut browser).await;
    let mut shop = open(&root.path().join("institution"), root.path(), &origin, &maker).await;

    let key = shop.register(&mut browser, "phone").await;
    assert_eq!((&key["attestation"], &key["assured"]), (&"trusted".into(), &true.into()), "{key}");
    assert_eq!((&key["user_verified"], &key["backup"]), (&true.into(), &"bound".into()));

    let (first, second) = (shop.order("k1", 1_299).await, shop.order("k2", 1_299).await);
    let signed = shop.sign(&mut browser, &first).await;
    assert_eq!(shop.bring(&second, &signed).await, "device_key_challenge_wrong");
    for part in ["client_data", "authenticator_data", "signature", "credential_id", "user_handle"] {
        let refused = shop.bring(&first, &bent(&signed, part)).await;
        assert!(refused.starts_with("device_key_"), "{part}: {refused}");
    }
    assert_eq!(shop.bring(&first, &signed).await, "succeeded");
    assert_eq!(shop.bring(&first, &signed).await, "order_state_conflict");
    assert_eq!(shop.bring(&second, &signed).await, "device_key_challenge_unknown");

    // A page that is not the institution's: the same browser and key, another origin.
    let elsewhere = page().await;
    browser.go(&format!("{elsewhere}/")).await;
    let signed = shop.sign(&mut browser, &second).await;
    assert_eq!(shop.bring(&second, &signed).await, "device_key_origin_wrong");
    browser.go(&format!("{origin}/")).await;
    let signed = shop.sign(&mut browser, &second).await;
    assert_eq!(shop.bring(&second, &signed).await, "succeeded");
    confirmed_by_the_browser_where_it_can(&shop, &mut browser, &origin).await;

    // So much that risk control asks for the password: a key that its maker speaks for stands
    // above it, one that may be copied does not.
    let large = shop.order("k4", 150_000).await;
    let signed = shop.sign(&mut browser, &large).await;
    assert_eq!(shop.bring(&large, &signed).await, "succeeded");
    let remove = json!({ "authenticatorId": bound });
    browser.command("WebAuthn.removeVirtualAuthenticator", remove).await;
    browser.authenticator(true).await;
    shop.sign_up("13800138001").await;
    let copied = shop.register(&mut browser, "copied").await;
    assert_eq!((&copied["backup"], &copied["assured"]), (&"copyable".into(), &false.into()));
    let small = shop.order("k5", 500).await;
    let signed = shop.sign(&mut browser, &small).await;
    assert_eq!(shop.bring(&small, &signed).await, "succeeded");
    let large = shop.order("k6", 150_000).await;
    let signed = shop.sign(&mut browser, &large).await;
    assert_eq!(shop.bring(&large, &signed).await, "device_key_assurance_low");
    shop.house.prove().await;
}

/// Secure Payment Confirmation needs a browser with a window for it; one without says so, and the
/// order is signed otherwise.
async fn confirmed_by_the_browser_where_it_can(shop: &Shop, browser: &mut Browser, origin: &str) {
    browser.command("Page.setSPCTransactionMode", json!({ "mode": "autoAccept" })).await;
    let order = shop.order("k3", 1_299).await;
    let path = format!("/v1/orders/{order}/device-key-challenge");
    let asked = shop.post(&path, &json!({ "page": origin })).await;
    assert_eq!(asked["payment"]["total"], json!({ "currency": "CNY", "value": "12.99" }));
    match browser.run(&format!("keys.confirmPayment({})", asked["payment"])).await {
        Ok(signed) => assert_eq!(shop.bring(&order, &signed).await, "succeeded"),
        Err(thrown) => {
            assert!(thrown.contains("NotSupportedError"), "{thrown}");
            let signed = shop.sign(browser, &order).await;
            assert_eq!(shop.bring(&order, &signed).await, "succeeded");
        }
    }
}
