//! Organisations over HTTP and on the console.

use crate::house::{House, TOKEN, merchant_body};
use crate::people::claim;
use axum::http::StatusCode;
use serde_json::{Value, json};
use testhouse::Town;

const USCC: &str = "91350211M000100Y46";

fn lily() -> Value {
    let mut body = merchant_body();
    body["name"] = json!({ "en": "Lily Tea", "zh": "百合茶铺" });
    body["legal_name"] = json!("莲花茶铺");
    body
}

impl House {
    async fn customer_of(&self, customer: &str) -> Value {
        let path = format!("/v1/admin/customers/{customer}");
        let reply = self.api("GET", &path, TOKEN, &Value::Null).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        assert!(!reply.body.contains(USCC) && !reply.body.contains("\"name\":\"莲花茶铺\""));
        reply.json()
    }

    fn organisation(&self) -> String {
        self.app.members.merchants()[0].customer.to_string()
    }

    async fn sent(&self, path: &str, form: &str) -> String {
        let cookie = self.session().await;
        let form_type = "application/x-www-form-urlencoded";
        let (host, origin) = ("127.0.0.1:8787", "http://127.0.0.1:8787");
        let headers = [
            ("cookie", cookie.as_str()),
            ("host", host),
            ("origin", origin),
            ("content-type", form_type),
        ];
        let reply = self.call("POST", path, &headers, form.to_owned()).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        reply.header("location").to_owned()
    }
}

#[tokio::test]
async fn merchants_and_users_of_an_organisation_stand_under_one_customer() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    let key = house.merchant().await;
    let post = async |body: &Value| house.api("POST", "/v1/admin/merchants", TOKEN, body).await;
    assert_eq!(post(&merchant_body()).await.problem().0, "merchant_exists");
    let mut other = lily();
    other["legal_name"] = json!("莲花茶业有限公司");
    let refused = post(&other).await;
    assert_eq!(
        (refused.status, refused.problem().0.as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "realname_mismatch")
    );
    other["legal_name"] = json!("");
    assert_eq!(post(&other).await.problem().0, "legal_name_invalid");
    assert_eq!(post(&lily()).await.status, StatusCode::OK);

    let organisation = house.organisation();
    let user = house.register(&key, 1).await;
    let path = format!("/v1/admin/users/{user}/organisation");
    let body = json!({ "customer": organisation, "document": "A-1" });
    assert_eq!(house.api("PUT", &path, &key, &body).await.status, StatusCode::UNAUTHORIZED);
    let done = house.api("PUT", &path, TOKEN, &body).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.body);
    let shown = house.customer_of(&organisation).await;
    assert_eq!((&shown["kind"], &shown["class"]), (&json!("organisation"), &Value::Null));
    assert_eq!(shown["merchants"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["merchants"][1]["name"]["en"], "Lily Tea");
    assert_eq!(shown["accounts"].as_array().map(Vec::len), Some(4));
    assert_eq!(shown["limits"], json!([]));
    let acting = &shown["users"][0];
    assert_eq!((&acting["user"], &acting["authority"]["document"]), (&json!(user), &json!("A-1")));
    assert_eq!(acting["authority"]["by"], "operator");

    let real_name = format!("/v1/users/{user}/real-name");
    let refused = house.api("POST", &real_name, &key, &claim(1)).await;
    assert_eq!(
        (refused.status, refused.problem().0.as_str()),
        (StatusCode::CONFLICT, "user_of_organisation")
    );
    let end = format!("{path}?reason=left");
    assert_eq!(house.api("DELETE", &end, TOKEN, &Value::Null).await.status, StatusCode::NO_CONTENT);
    let again = house.api("DELETE", &end, TOKEN, &Value::Null).await;
    assert_eq!(again.problem().0, "user_not_of_organisation");
    let bare = house.api("DELETE", &path, TOKEN, &Value::Null).await;
    assert_eq!(bare.problem().0, "query_invalid");
    let person = house.api("POST", &real_name, &key, &claim(1)).await;
    assert_eq!(person.status, StatusCode::OK, "{}", person.body);
    let customer = house.app.members.payer(user.parse().expect("an id")).await.expect("known");
    let customer = customer.customer.expect("verified").to_string();
    let other = house.register(&key, 2).await;
    let path = format!("/v1/admin/users/{other}/organisation");
    let body = json!({ "customer": customer, "document": "A-1" });
    assert_eq!(house.api("PUT", &path, TOKEN, &body).await.problem().0, "not_an_organisation");
}

#[tokio::test]
async fn the_console_shows_an_organisation_and_authorises_its_users() {
    let house = House::open().await;
    let key = house.merchant().await;
    let made = house.api("POST", "/v1/admin/merchants", TOKEN, &lily()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let user = house.register(&key, 1).await;
    let page = format!("/customers/{}", house.organisation());
    let form = format!("user={user}&document=A-1&back={page}");
    assert_eq!(house.sent(&format!("{page}/users"), &form).await, page);
    let cookie = house.session().await;
    let read = async |language: &str| {
        let cookie = format!("{cookie}; language={language}");
        let reply = house.call("GET", &page, &[("cookie", &cookie)], "").await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.body
    };
    let (en, zh) = (read("en").await, read("zh-CN").await);
    for (page, words) in [
        (&en, ["Lotus Tea", "Lily Tea", "Who acts for it", "Withdrawable", "Authorise"]),
        (&zh, ["莲花茶铺", "百合茶铺", "操作用户授权", "可提现账户", "授权"]),
    ] {
        for word in words {
            assert!(page.contains(word), "{word}");
        }
        assert!(page.contains("A-1") && page.contains(&user));
    }
    assert!(!en.contains("Limits on payments") && !en.contains("Unmerge"), "not for organisations");
    let merchants = house.call("GET", "/merchants", &[("cookie", &cookie)], "").await;
    assert_eq!(merchants.body.matches(&format!("href=\"{page}\"")).count(), 2);
    let form = format!("reason=left&back={page}");
    assert_eq!(house.sent(&format!("/users/{user}/discharge"), &form).await, page);
    assert!(!read("en").await.contains("A-1"));
}
