//! People who come to the house over HTTP: their numbers, their passwords, their money.

use crate::house::{House, Reply};
use axum::http::StatusCode;
use members::keypad::{self, Binding, Nonce, PublicKeyInfo};
use members::model::{card, id_number};
use money::Amount;
use serde_json::{Value, json};
use testhouse::Town;
use types::{Clock, UserId};

/// Six digits that no rule calls weak.
pub const PASSWORD: &str = "830592";
/// Six others.
pub const WRONG: &str = "830593";

/// The phone of the `n`th registration.
fn phone(n: u32) -> String {
    format!("138{n:08}")
}

/// What the `n`th person claims to be, with a card at each of two banks.
pub fn claim(n: u32) -> Value {
    let body = format!("110101{}0307{:03}", 1960 + n % 40, n / 40 + 1);
    let check = id_number::check_character(&body).expect("seventeen digits");
    let card = |bank: &str| {
        let body = format!("{bank}{n:012}");
        let digit = card::luhn_digit(&body).expect("digits");
        json!({ "number": format!("{body}{digit}"), "phone": phone(n) })
    };
    json!({
        "name": "王小强",
        "id_type": "resident_id",
        "id_number": format!("{body}{check}"),
        "cards": [card("622202"), card("622848")],
        "class": "II",
    })
}

/// What an envelope is bound to.
pub fn binding(order: &str, minor: u64, payee: &str) -> Binding {
    let amount = Amount::new(minor).expect("small");
    Binding { order: order.to_owned(), amount, payee: payee.to_owned() }
}

/// An order by this number, as a body of `/v1/orders`: from the balance, with a password.
pub fn order(kind: &str, no: &str, user: &str, minor: i64) -> Value {
    json!({
        "order_no": no,
        "kind": kind,
        "user": user,
        "amount_minor": minor,
        "currency": "CNY",
        "method": { "type": "balance" },
        "authentication": { "type": "password_free" },
        "subject": "tea",
    })
}

/// The same through a channel, which authenticates the payer.
pub fn by_channel(mut order: Value, channel: &str) -> Value {
    let instrument = format!("{channel}_4321");
    order["method"] = json!({ "type": "channel", "channel": channel, "instrument": instrument });
    order["authentication"] = json!({ "type": "by_channel" });
    order
}

/// The same with a sealed password.
pub fn sealed(mut order: Value, envelope: &Value) -> Value {
    order["authentication"] = json!({ "type": "password", "envelope": envelope });
    order
}

impl House {
    /// The `n`th registration.
    pub async fn register(&self, key: &str, n: u32) -> String {
        let reply = self.api("POST", "/v1/users", key, &json!({ "phone": phone(n) })).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.json()["user"].as_str().expect("an id").to_owned()
    }

    /// The `n`th registration, verified as the `n`th person, with [`PASSWORD`].
    pub async fn person(&self, key: &str, n: u32) -> String {
        let user = self.register(key, n).await;
        let path = format!("/v1/users/{user}/real-name");
        let reply = self.api("POST", &path, key, &claim(n)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let envelope = self.seal(key, &user, &binding("password.set", 0, ""), PASSWORD).await;
        let path = format!("/v1/users/{user}/payment-password");
        let reply = self.api("PUT", &path, key, &json!({ "envelope": envelope })).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
        user
    }

    /// The code that is sent to the first person's phone for the merge of `second`.
    pub async fn merge_code(&self, town: &Town, key: &str, first: &str, second: &str) -> String {
        let body = json!({ "purpose": "merge", "subject": second });
        let sent = self.api("POST", &format!("/v1/users/{first}/codes"), key, &body).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
        town.sms().last(&phone(1)).expect("a message")
    }

    /// The first person, and a second user that is merged into its customer.
    pub async fn merged(&self, town: &Town, key: &str) -> (String, String) {
        let first = self.person(key, 1).await;
        let second = self.register(key, 101).await;
        let bound = binding("member.merge", 0, &second);
        let envelope = self.seal(key, &first, &bound, PASSWORD).await;
        let code = self.merge_code(town, key, &first, &second).await;
        let body =
            json!({ "claim": claim(1), "existing": first, "envelope": envelope, "code": code });
        let reply = self.api("POST", &format!("/v1/users/{second}/merge"), key, &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        (first, second)
    }

    /// The same with this much on the balance, through the wallet.
    pub async fn person_with(&self, key: &str, n: u32, minor: i64) -> String {
        let user = self.person(key, n).await;
        let no = format!("fund-{n}");
        let new = by_channel(order("top_up", &no, &user, minor), "wallet");
        self.placed(key, &new, "succeeded").await;
        user
    }

    /// A password as the client of this user seals it for one use.
    pub async fn seal(&self, key: &str, user: &str, use_: &Binding, password: &str) -> Value {
        let public = self.api("GET", "/v1/password-key", key, &Value::Null).await.json();
        self.seal_to(&public, key, user, use_, password).await
    }

    /// A password-free agreement of this user with the merchant of `key`, by [`PASSWORD`].
    pub async fn agree(&self, key: &str, user: &str, most: u64) {
        let merchant = self.api("GET", "/v1/merchant", key, &Value::Null).await.json();
        let payee = merchant["merchant"].as_str().expect("an id");
        let bound = binding(&format!("agreement.password-free {most}"), most, payee);
        let envelope = self.seal(key, user, &bound, PASSWORD).await;
        let body = json!({ "per_order_minor": most, "per_day_minor": most, "envelope": envelope });
        let path = format!("/v1/users/{user}/agreement");
        let reply = self.api("PUT", &path, key, &body).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    }

    /// The same to this key.
    pub async fn seal_to(
        &self,
        public: &Value,
        key: &str,
        user: &str,
        use_: &Binding,
        password: &str,
    ) -> Value {
        let path = format!("/v1/users/{user}/password-nonce");
        let nonce = self.api("POST", &path, key, &Value::Null).await.json();
        let nonce = Nonce(nonce["nonce"].as_str().expect("a nonce").to_owned());
        let public: PublicKeyInfo = serde_json::from_value(public.clone()).expect("a key");
        let (user, now) = (user.parse::<UserId>().expect("an id"), self.app.clock.now());
        let random = self.app.random.as_ref();
        let sealed = keypad::seal(&public, &nonce, user, use_, password, now, random);
        serde_json::to_value(sealed.expect("sealed")).expect("JSON")
    }

    /// A second passes: orders of one moment have no order among themselves.
    pub fn tick(&self) {
        self.clock.advance_to(self.clock.now().plus_seconds(1));
    }

    /// Places an order that is to stand so, a second after the one before.
    pub async fn placed(&self, key: &str, new: &Value, status: &str) -> Value {
        self.tick();
        let reply = self.api("POST", "/v1/orders", key, new).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let placed = reply.json();
        assert_eq!(placed["status"], status, "{placed}");
        placed
    }

    /// What this key's merchant is told of an order, or of a part of it.
    pub async fn look(&self, key: &str, order: &Value, part: &str) -> Reply {
        let path = format!("/v1/orders/{}{part}", order["id"].as_str().expect("an id"));
        self.api("GET", &path, key, &Value::Null).await
    }
}
