//! Bad input over HTTP: each is one clear problem with code, field and reason in the reader's
//! language, and leaves book, orders, users and audit log as they were.

use crate::house::{House, TOKEN};
use crate::people::{by_channel, order};
use serde_json::{Value, json};
use testhouse::Town;

const NOBODY: &str = "usr_00000000000000000000000001";
const NO_ORDER: &str = "/v1/orders/ord_00000000000000000000000001";

/// One bad request and its answer.
struct Case {
    method: &'static str,
    path: String,
    key: String,
    body: String,
    status: u16,
    code: &'static str,
    field: Option<&'static str>,
    /// A part of the English reason.
    reason: &'static str,
}

/// A house with a merchant, a user with money and an agreement, and one order, "M-1".
struct Scene {
    house: House,
    key: String,
    user: String,
    _town: Town,
}

impl Scene {
    async fn set() -> Self {
        let town = Town::busy().await;
        let house = House::in_town(&town).await;
        let key = house.merchant().await;
        let user = house.person_with(&key, 1, 50_000).await;
        house.agree(&key, &user, 20_000).await;
        house.placed(&key, &order("payment", "M-1", &user, 100), "succeeded").await;
        Self { house, key, user, _town: town }
    }

    /// A payment that would succeed.
    fn good(&self) -> Value {
        order("payment", "M-2", &self.user, 100)
    }

    fn order(&self, body: &(impl ToString + ?Sized), expected: Expected) -> Case {
        self.post("/v1/orders", body, expected)
    }

    fn post(&self, path: &str, body: &(impl ToString + ?Sized), expected: Expected) -> Case {
        let (status, code, field, reason) = expected;
        let (path, key, body) = (path.to_owned(), self.key.clone(), body.to_string());
        Case { method: "POST", path, key, body, status, code, field, reason }
    }

    /// The good payment with one thing changed.
    fn with(&self, change: impl FnOnce(&mut Value), expected: Expected) -> Case {
        let mut body = self.good();
        change(&mut body);
        self.order(&body, expected)
    }

    /// Asks in both languages; nothing may have changed afterwards.
    async fn refuse(&self, cases: impl IntoIterator<Item = Case>) {
        let before = self.house.state().await;
        for case in cases {
            for (language, chinese) in [("en", false), ("zh-CN", true)] {
                let bearer = format!("Bearer {}", case.key);
                let headers = [
                    ("authorization", bearer.as_str()),
                    ("content-type", "application/json"),
                    ("accept-language", language),
                ];
                let sent = self.house.call(case.method, &case.path, &headers, case.body.clone());
                let reply = sent.await;
                let said = format!("{} {}: {}", case.path, case.body, reply.body);
                let (code, field) = reply.problem();
                assert_eq!(
                    (reply.status.as_u16(), code.as_str(), field.as_deref()),
                    (case.status, case.code, case.field),
                    "{said}"
                );
                let detail = reply.json()["detail"].as_str().unwrap_or_default().to_owned();
                let in_chinese = detail.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert_eq!(in_chinese, chinese, "{said}");
                assert!(chinese || detail.contains(case.reason), "{said}");
            }
            assert_eq!(
                self.house.state().await,
                before,
                "{} {} changed something",
                case.path,
                case.body
            );
        }
    }
}

/// Status, code, field, a part of the reason.
type Expected = (u16, &'static str, Option<&'static str>, &'static str);

fn unknown(code: &'static str, field: Option<&'static str>) -> Expected {
    (404, code, field, "there is no such")
}

fn invalid(field: &'static str, reason: &'static str) -> Expected {
    (400, "invalid_field", Some(field), reason)
}

#[tokio::test]
async fn a_body_that_cannot_be_read() {
    let scene = Scene::set().await;
    let good = scene.good().to_string();
    let malformed = |reason| (400, "malformed_json", None, reason);
    let missing = |field| (400, "missing_field", Some(field), "missing field");
    let unknown_field = |field| (400, "unknown_field", Some(field), "unknown field");
    let twice = good.replace("\"subject\"", "\"subject\":\"x\",\"subject\"");
    let mut cases = vec![
        scene.order("", malformed("EOF while parsing")),
        scene.order("{", malformed("EOF while parsing")),
        scene.order(&good[..good.len() - 1], malformed("EOF while parsing")),
        scene.order(&format!("{good}x"), malformed("trailing characters")),
        scene.order("3", (400, "invalid_field", None, "invalid type")),
        scene.order(&twice, (400, "duplicate_field", Some("subject"), "duplicate field")),
        scene.with(|b| b["colour"] = json!(1), unknown_field("colour")),
        scene.with(|b| b["method"]["x"] = json!(1), unknown_field("method.x")),
        scene.with(|b| b["kind"] = json!("gift"), invalid("kind", "unknown variant")),
        scene.with(|b| b["user"] = json!("usr_1"), invalid("user", "usr_")),
    ];
    for field in ["order_no", "kind", "user", "amount_minor", "currency", "method", "subject"] {
        let cut = |b: &mut Value| drop(b.as_object_mut().expect("fields").remove(field));
        cases.push(scene.with(cut, missing(field)));
    }
    scene.refuse(cases).await;
}

#[tokio::test]
async fn an_amount_or_a_currency_that_is_none() {
    let scene = Scene::set().await;
    let amount = |amount: Value, expected| scene.with(|b| b["amount_minor"] = amount, expected);
    let not_positive = (400, "amount_not_positive", Some("amount_minor"), "more than nothing");
    let too_large = (400, "amount_too_large", Some("amount_minor"), "at most 50000.00 CNY");
    let no_number = || invalid("amount_minor", "expected i64");
    let currency = |text: &str| {
        let expected = (400, "currency_unsupported", Some("currency"), "orders are in CNY, not '");
        scene.with(|b| b["currency"] = json!(text), expected)
    };
    scene
        .refuse([
            amount(json!(0), not_positive),
            amount(json!(-5), not_positive),
            amount(json!(i64::MIN), not_positive),
            amount(json!(5_000_001), too_large),
            amount(json!(i64::MAX), too_large),
            amount(json!(u64::MAX), no_number()),
            amount(json!(1.5), no_number()),
            amount(json!("1"), no_number()),
            amount(Value::Null, no_number()),
            currency("USD"),
            currency("cny"),
            currency(""),
        ])
        .await;
    // What was refused each time was the one thing that was changed.
    scene.house.placed(&scene.key, &scene.good(), "succeeded").await;
}

#[tokio::test]
async fn somebody_or_something_that_is_not_there() {
    let scene = Scene::set().await;
    let key = &scene.key;
    // It is looked for who is paid before anybody looks at the password.
    let envelope = json!({ "suite": "hpke", "key_id": "k", "nonce": "n", "sealed_at": "2026-10-12T09:00:00+08:00",
        "enc": "", "ciphertext": "" });
    let transfer = |payee: &str| {
        let mut body = order("transfer", "M-2", &scene.user, 100);
        body["payee"] = json!(payee);
        body["authentication"] = json!({ "type": "password", "envelope": envelope });
        body
    };
    let through = |channel: &str| by_channel(scene.good(), channel);
    let mut alien = through("card");
    alien["method"]["instrument"] = json!("wallet_4321");
    let freeze = |what: &str, id: &str| {
        let body = json!({ "target": { what: id }, "who": "desk", "reason": "lost",
            "level": "risk", "scope": "both" });
        let code = match what {
            "account" => "account_not_found",
            "customer" => "customer_not_found",
            _ => "user_not_found",
        };
        let case = scene.post("/v1/admin/freezes", &body, unknown(code, None));
        Case { key: TOKEN.to_owned(), ..case }
    };
    let of_order = |part: &str, body: Value| {
        scene.post(&format!("{NO_ORDER}{part}"), &body, unknown("order_not_found", None))
    };
    let review = Case {
        key: TOKEN.to_owned(),
        path: NO_ORDER.replace("/v1", "/v1/admin") + "/review",
        field: Some("order"),
        ..of_order("", json!({ "approve": true }))
    };
    let agreement = Case {
        method: "PUT",
        ..scene.post(
            &format!("/v1/users/{NOBODY}/agreement"),
            &json!({ "per_order_minor": 1, "per_day_minor": 1, "envelope": envelope }),
            unknown("user_not_found", None),
        )
    };
    let account = "acc_00000000000000000000000001";
    let token = "channel_instrument_unsupported";
    scene
        .refuse([
            scene.with(|b| b["user"] = json!(NOBODY), unknown("user_not_found", Some("user"))),
            scene.order(&transfer(NOBODY), unknown("payee_not_found", Some("payee"))),
            scene
                .order(&transfer(&scene.user), (400, "payee_is_payer", Some("payee"), "two users")),
            scene.order(
                &through("cheque"),
                (404, "channel_unknown", Some("method.channel"), "channel"),
            ),
            scene.order(&alien, (422, token, Some("method.instrument"), "tokens of this kind")),
            freeze("account", account),
            freeze("user", NOBODY),
            freeze("customer", "cus_00000000000000000000000001"),
            of_order("/refunds", json!({ "order_no": "R-1", "amount_minor": 1 })),
            of_order("/authentication", json!({ "password": envelope })),
            review,
            agreement,
        ])
        .await;
    for (path, key, code) in [
        (format!("/v1/admin/accounts/{account}"), TOKEN, "account_not_found"),
        (format!("/v1/users/{NOBODY}"), key, "user_not_found"),
        (NO_ORDER.to_owned(), key, "order_not_found"),
        (format!("{NO_ORDER}/trace"), key, "order_not_found"),
    ] {
        let reply = scene.house.api("GET", &path, key, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.problem().0.as_str()), (404, code), "{path}");
    }
}

#[tokio::test]
async fn a_number_that_is_taken_a_key_that_is_wrong_and_what_does_not_fit() {
    let scene = Scene::set().await;
    let taken = |change: fn(&mut Value)| {
        let expected = (409, "idempotency_conflict", Some("order_no"), "the key 'M-1' was used");
        let change = |b: &mut Value| {
            b["order_no"] = json!("M-1");
            change(b);
        };
        scene.with(change, expected)
    };
    let text = |field: &'static str, text: String, reason| {
        scene.with(|b| b[field] = json!(text), (400, "text_invalid", Some(field), reason))
    };
    let unfit = |field, reason, change: fn(&mut Value)| {
        scene.with(change, (400, "not_for_kind", Some(field), reason))
    };
    let as_ = |key: &str, code, reason| {
        let expected = (401, code, Some("authorization"), reason);
        Case { key: key.to_owned(), ..scene.order(&scene.good(), expected) }
    };
    let phone = (400, "phone_invalid", Some("phone"), "eleven digits");
    scene
        .refuse([
            taken(|b| b["amount_minor"] = json!(101)),
            taken(|b| b["subject"] = json!("coffee")),
            taken(|b| b["notify_url"] = json!("https://shop.example/told")),
            taken(|b| *b = by_channel(b.take(), "card")),
            as_("wrong", "api_key_invalid", "no merchant's API key"),
            as_("", "api_key_missing", "send your API key"),
            as_(TOKEN, "api_key_invalid", "no merchant's API key"),
            Case {
                path: "/v1/admin/merchants".to_owned(),
                ..scene.post(
                    "",
                    &json!({}),
                    (401, "operator_token_invalid", Some("authorization"), "no operator's token"),
                )
            },
            text("order_no", "a b".to_owned(), "1 to 64 visible ASCII"),
            text("order_no", "x".repeat(65), "1 to 64 visible ASCII"),
            text("subject", "茶".repeat(129), "at most 128 characters"),
            text("device", "a b".to_owned(), "1 to 128 visible ASCII"),
            unfit("kind", "a refund is made at", |b| b["kind"] = json!("refund")),
            unfit("payee", "an order of kind payment", |b| b["payee"] = b["user"].clone()),
            unfit("method", "an order of kind top_up", |b| b["kind"] = json!("top_up")),
            unfit("authentication", "an order of kind payment", |b| {
                b["authentication"] = json!({ "type": "by_channel" });
            }),
            scene.post("/v1/users", &json!({ "phone": "12345" }), phone),
        ])
        .await;
    let first = order("payment", "M-1", &scene.user, 100);
    scene.house.placed(&scene.key, &first, "succeeded").await;
}
