//! All of a customer as a customer service officer needs it: credentials, agreements and where its
//! users are known, by the API and on the console's page, without a secret.

use crate::device_keys::{phone as device, registered};
use crate::house::{House, TOKEN};
use crate::people::{PASSWORD, WRONG, binding, order};
use crate::sso::browser::Browser;
use crate::sso::client::{Client, terms};
use axum::http::StatusCode;
use members::model::totp;
use records::rows::select;
use serde_json::{Value, json};
use testhouse::Town;
use types::Clock;

const PHONE: &str = "13800000001";
const GESTURE: &str = "26847";

/// A person at a merchant's, who is asked about.
struct Asked<'h> {
    house: &'h House,
    key: String,
    user: String,
}

impl Asked<'_> {
    async fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/v1/users/{}{path}", self.user);
        let reply = self.house.api(method, &path, &self.key, body).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.body);
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    async fn under(&self, order: &str, secret: &str) -> Value {
        self.house.seal(&self.key, &self.user, &binding(order, 0, ""), secret).await
    }

    /// The seed of an app that was confirmed by its first code.
    async fn app(&self) -> String {
        let envelope = self.under("totp.enrol", PASSWORD).await;
        let new = self.done("POST", "/totp", &json!({ "envelope": envelope })).await;
        let secret = new["secret"].as_str().expect("a secret").to_owned();
        let step = self.house.clock.now().as_millis() / 30_000;
        let code = format!("{:06}", totp::code(&unbase32(&secret), step));
        self.done("POST", "/totp/confirm", &json!({ "code": code })).await;
        secret
    }

    async fn gesture(&self) {
        let password = self.under("gesture.set", PASSWORD).await;
        let gesture = self.under("gesture.set", GESTURE).await;
        let body = json!({ "password": password, "gesture": gesture });
        self.done("PUT", "/gesture", &body).await;
    }

    async fn wrong_gesture(&self) {
        let envelope = self.under("app.open", "2581").await;
        let path = format!("/v1/users/{}/gesture/check", self.user);
        let reply =
            self.house.api("POST", &path, &self.key, &json!({ "envelope": envelope })).await;
        assert_eq!(reply.problem().0, "gesture_wrong");
    }

    async fn wrong_password(&self) -> String {
        let envelope = self.under("gesture.remove", WRONG).await;
        let path = format!("/v1/users/{}/gesture/remove", self.user);
        let body = json!({ "envelope": envelope });
        self.house.api("POST", &path, &self.key, &body).await.problem().0
    }

    async fn path(&self) -> String {
        let id = self.user.parse().expect("an id");
        let payer = self.house.app.members.payer(id).await.expect("known");
        format!("/customers/{}", payer.customer.expect("verified"))
    }

    async fn shown(&self) -> Value {
        let path = format!("/v1/admin{}", self.path().await);
        let reply = self.house.api("GET", &path, TOKEN, &Value::Null).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()
    }

    async fn page(&self, language: &str) -> String {
        let cookie = self.house.session().await;
        let headers = [("cookie", cookie.as_str()), ("accept-language", language)];
        self.house.call("GET", &self.path().await, &headers, "").await.body
    }
}

/// What an app makes of the text it was given.
fn unbase32(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |b: u8| digits.iter().position(|d| *d == b).expect("base32");
    let bits: Vec<usize> =
        text.bytes().flat_map(|b| (0..5).rev().map(move |bit| (value(b) >> bit) & 1)).collect();
    let byte = |bits: &[usize]| bits.iter().fold(0, |n, bit| n * 2 + bit);
    bits.chunks_exact(8).map(|bits| u8::try_from(byte(bits)).expect("a byte")).collect()
}

/// The names of every field, however deep.
fn fields(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                found.push(name.clone());
                fields(value, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

/// Everything secret that is kept of the user, in each form in which it could be written.
async fn secrets(house: &House) -> Vec<String> {
    let db = house.app.records.db();
    let mut all = Vec::new();
    for (table, columns) in [
        ("member_password", &["salt", "hash"][..]),
        ("member_gesture", &["salt", "hash"]),
        ("member_totp", &["secret"]),
        ("member_device_key", &["credential_id", "public_key"]),
        ("sso_refresh", &["token"]),
    ] {
        let sql = format!("SELECT * FROM {table}");
        let rows = select(db, table, &sql, vec![], |row| {
            columns
                .iter()
                .map(|column| row.optional::<Vec<u8>>(column))
                .collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.await.expect("read");
        assert!(!rows.is_empty(), "{table} is looked at");
        for bytes in rows.into_iter().flatten().flatten() {
            all.extend([hex::encode(&bytes), webauthn::to_base64(&bytes)]);
        }
    }
    all
}

#[tokio::test]
async fn credentials_agreements_and_sign_ons_are_shown_and_nothing_secret() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person_with(&key, 1, 100_000).await;
    let asked = Asked { house: &house, key, user };
    let users = asked.shown().await["users"].clone();
    let bare = json!({ "bindings": [], "grants": [], "identities": [] });
    assert_eq!(users[0]["sign_ons"], bare);
    let credentials = &users[0]["credentials"];
    assert_eq!(credentials["payment_password"]["wrong_tries"], 0);
    assert_eq!((&credentials["gesture"], &credentials["totp"]), (&Value::Null, &Value::Null));
    assert_eq!((&credentials["device_keys"], &credentials["agreements"]), (&json!([]), &json!([])));

    let seed = asked.app().await;
    asked.gesture().await;
    registered(&house, &asked.key, &asked.user, &device()).await;
    house.agree(&asked.key, &asked.user, 9_000).await;
    house.placed(&asked.key, &order("payment", "o-1", &asked.user, 1_299), "succeeded").await;
    let shop = Client::register(&house, &terms(1, "openid bind offline_access")).await;
    let mut browser = Browser::new(&house, &town);
    let tokens = shop.tokens(&mut browser, PHONE, "openid bind offline_access").await;
    let token = tokens["access_token"].as_str().expect("a token");
    let bound = house.api("POST", "/v1/bindings", token, &json!({ "business_user": "u-1" })).await;
    assert_eq!(bound.status, StatusCode::OK, "{}", bound.body);
    asked.wrong_gesture().await;
    for _ in 0..5 {
        assert_eq!(asked.wrong_password().await, "password_wrong");
    }

    let shown = asked.shown().await;
    let credentials = &shown["users"][0]["credentials"];
    assert_eq!(credentials["payment_password"]["wrong_tries"], 5);
    let until = house.clock.now().plus_seconds(600).to_string();
    assert_eq!(credentials["payment_password"]["locked_until"], until);
    assert_eq!(credentials["gesture"]["wrong_tries"], 1);
    assert_eq!(credentials["gesture"]["locked_until"], Value::Null);
    assert!(credentials["totp"]["confirmed_at"].is_string(), "{credentials}");
    let device = &credentials["device_keys"][0];
    for (field, value) in [
        ("name", json!("phone")),
        ("device", json!("A1B2")),
        ("attestation", json!("none")),
        ("assured", json!(false)),
        ("integrity", json!("intact")),
        ("last_used_at", Value::Null),
    ] {
        assert_eq!(device[field], value, "{field}");
    }
    assert!(device["counter"].is_u64() && device["reported_at"].is_string(), "{device}");
    let agreement = &credentials["agreements"][0];
    assert_eq!(
        (&agreement["kind"], &agreement["revoked_at"]),
        (&json!("password_free"), &Value::Null)
    );
    assert_eq!(agreement["merchant_name"]["zh"], "莲花茶铺");
    assert_eq!(
        (&agreement["per_day_minor"], &agreement["used_today_minor"]),
        (&json!(9_000), &json!(1_299))
    );
    let known = &shown["users"][0]["sign_ons"];
    assert_eq!(known["bindings"][0]["business_user"], "u-1");
    assert_eq!(known["bindings"][0]["client_name"]["en"], "Lotus Tea");
    assert_eq!(
        (&known["grants"][0]["client"], &known["grants"][0]["level"]),
        (&json!(shop.id), &json!(2))
    );

    let mut names = Vec::new();
    fields(&shown, &mut names);
    for name in ["salt", "hash", "secret", "seed", "public_key", "credential_id", "token", "code"] {
        assert!(!names.iter().any(|field| field == name), "{name}");
    }
    let pages = [asked.page("en").await, asked.page("zh-CN").await];
    let mut secret = secrets(&house).await;
    secret.extend([seed, PHONE.to_owned(), PASSWORD.to_owned(), token.to_owned()]);
    for secret in secret {
        for body in [&shown.to_string(), &pages[0], &pages[1]] {
            assert!(!body.contains(&secret), "{secret}");
        }
    }
    for (page, words) in pages.iter().zip([
        ["payment password", "locked", "device intact", "password-free", "bound business user"],
        ["支付密码", "已锁定", "设备正常", "免密支付", "绑定的业务用户"],
    ]) {
        for word in words.into_iter().chain(["12.99", "u-1", "A1B2"]) {
            assert!(page.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn what_has_ended_is_told_as_ended() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let user = house.person(&key, 1).await;
    let asked = Asked { house: &house, key, user };
    asked.app().await;
    house.agree(&asked.key, &asked.user, 1).await;
    house.tick();
    asked.done("DELETE", "/agreement", &Value::Null).await;
    let envelope = asked.under("totp.remove", PASSWORD).await;
    asked.done("POST", "/totp/remove", &json!({ "envelope": envelope })).await;
    let shown = asked.shown().await;
    let credentials = &shown["users"][0]["credentials"];
    assert_eq!(credentials["totp"], Value::Null);
    let ended = credentials["agreements"][0]["revoked_at"].as_str().expect("ended");
    assert_eq!(ended, house.clock.now().to_string());
}
