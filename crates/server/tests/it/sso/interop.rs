//! Against programs of other people, each a process of its own: our provider with npm's
//! `openid-client`, our relying party with npm's `oidc-provider` (`tests/interop`, set up by
//! `./test`). Their clock is the machine's, so the house's is moved there.

use super::browser::{Browser, location};
use super::client::{BACK, Client, Keys, terms};
use crate::house::{House, TOKEN, port};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use testhouse::Town;
use types::{Clock, Masked, Text, Timestamp};

const PHONE: &str = "13800000001";

/// A program in JavaScript, asked and answering in lines of JSON.
struct Script {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Script {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop");
        assert!(
            std::path::Path::new(folder).join("node_modules").exists(),
            "tests/interop is not set up: run 'npm ci' there, as ./test does"
        );
        let child = Command::new("node")
            .arg(name)
            .args(arguments)
            .current_dir(folder)
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.expect("node");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    fn tell(&mut self, what: &Value) {
        let stdin = self.child.stdin.as_mut().expect("piped");
        writeln!(stdin, "{what}").expect("told");
    }

    /// Its next line; read on a thread of its own, for the house answers meanwhile.
    async fn hear(mut self) -> (Self, Value) {
        tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            self.said.read_line(&mut line).expect("a line");
            let said: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert_eq!(said.get("error"), None, "{said}");
            (self, said)
        })
        .await
        .expect("heard")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Moves a house to the machine's own time.
#[expect(clippy::disallowed_methods, reason = "other people's programs look at no other clock")]
fn to_the_present(house: &House) {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.expect("after 1970").as_millis();
    house.clock.advance_to(Timestamp::from_millis(i64::try_from(millis).expect("in range")));
}

/// One run of the client of others, from discovery to revocation.
async fn run(house: &House, town: &Town, mut told: Value, phone: &str) -> Value {
    let mut script = Script::start("client.mjs", &[]);
    told["issuer"] = json!(house.issuer());
    told["redirect_uri"] = json!(BACK);
    told["scope"] = json!("openid profile offline_access");
    script.tell(&told);
    let (mut script, asked) = script.hear().await;
    let authorize = asked["authorize"].as_str().expect("an address");
    let mut browser = Browser::new(house, town);
    let path = authorize.strip_prefix(house.issuer()).expect("ours").to_owned();
    let back = browser.answer(&path, phone, "allow").await;
    script.tell(&json!({ "back": back }));
    let (_, came_to) = script.hear().await;
    came_to
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_others_understands_our_provider() {
    let town = Town::busy().await;
    let house = House::in_town(&town).await;
    to_the_present(&house);
    let shop = terms(2, "openid profile offline_access");
    let basic = house.api("POST", "/v1/admin/clients", TOKEN, &shop).await.json();
    let keys = Keys::new();
    let mut signing = shop.clone();
    let mut public = serde_json::to_value(&keys.public).expect("JSON");
    public["kid"] = json!("k1");
    signing["proving"] = json!({ "method": "private_key_jwt", "keys": [public] });
    signing["require_par"] = json!(true);
    signing["require_dpop"] = json!(true);
    let signing = Client::register(&house, &signing).await;
    let mut app = shop;
    app["proving"] = json!({ "method": "none" });
    let app = Client::register(&house, &app).await;
    let private = keys.private();
    for (n, told) in [
        json!({ "client_id": basic["client_id"], "secret": basic["client_secret"] }),
        json!({ "client_id": basic["client_id"], "secret": basic["client_secret"], "dpop": true, "par": true }),
        json!({ "client_id": signing.id, "key": private, "dpop": true, "par": true }),
        json!({ "client_id": app.id, "dpop": true }),
    ]
    .into_iter()
    .enumerate()
    {
        // A phone of its own for each, so that none waits for the next message and the clock stays
        // with the machine's.
        to_the_present(&house);
        let phone = format!("1380000010{n}");
        let found = run(&house, &town, told.clone(), &phone).await;
        assert_eq!(found["scope"], "openid profile offline_access", "{found}");
        assert_eq!(found["refreshed"], "openid profile offline_access");
        assert_eq!(found["info"]["sub"], found["sub"]);
        assert_eq!(found["info"]["real_name_verified"], false);
        let bound = told["dpop"] == true;
        assert_eq!(found["token_type"], if bound { "dpop" } else { "bearer" });
        if told.get("secret").is_some() || told.get("key").is_some() {
            assert_eq!(found["introspected"]["active"], true);
            assert_eq!(found["after_revocation"], json!({ "active": false }));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_a_provider_of_others_signs_in() {
    let town = Town::busy().await;
    let port = port().await;
    let callback = format!("{}/federation/callback", port.1);
    let (script, said) = Script::start("provider.mjs", &[&callback]).hear().await;
    let issuer = said["issuer"].as_str().expect("an issuer").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let secret_file = folder.path().join("secret");
    std::fs::write(&secret_file, "a secret: with = signs & a + plus\n").expect("written");
    let config = sso::Config {
        internal_providers: true,
        provider: vec![sso::ProviderConfig {
            code: "campus".to_owned(),
            name: Text::new("Campus id", "校园统一身份"),
            issuer: issuer.clone(),
            client_id: "countinghouse".to_owned(),
            secret_file: Some(secret_file),
        }],
        ..sso::Config::default()
    };
    let house = House::signing_on(&town, config, port).await;
    to_the_present(&house);
    let shop = Client::register(&house, &terms(1, "openid bind")).await;
    let mut browser = Browser::new(&house, &town);
    // Who comes for the first time proves a phone and is registered.
    let here = location(&browser.get(&shop.authorize(&[])).await);
    let page = browser.get(&here).await;
    let link = format!("/federation/campus?request={}", here.rsplit('/').next().expect("a handle"));
    assert!(page.body.contains("/federation/campus?request="), "{}", page.body);
    let back = there_and_back(&mut browser, &link, &issuer).await;
    let ticket = location(&browser.get(&back).await);
    assert!(ticket.starts_with("/federation/link/"), "{ticket}");
    let mut thief = Browser::new(&house, &town);
    for path in [ticket.as_str(), &back] {
        let reply = thief.get(path).await;
        assert!(reply.body.contains("federation_state_unknown"), "{path}: {}", reply.body);
    }
    let again = browser.get(&back).await;
    assert!(again.body.contains("federation_state_unknown"), "an answer works once");
    assert_eq!(browser.sign_in(&ticket, PHONE).await, here);
    assert!(browser.get(&here).await.body.contains("value=\"allow\""));
    let user = house.app.members.user_by_phone(&Masked::new(PHONE)).await.expect("asked");
    let user = user.expect("registered");
    let identities = house.app.sso.identities(user).await.expect("listed");
    assert_eq!(identities[0].issuer, issuer);
    // The next time the identity is enough, but not for what reaches further.
    to_the_present(&house);
    let mut second = Browser::new(&house, &town);
    let here = location(&second.get(&shop.authorize(&[])).await);
    let link = format!("/federation/campus?request={}", here.rsplit('/').next().expect("a handle"));
    let back = there_and_back(&mut second, &link, &issuer).await;
    assert_eq!(location(&second.get(&back).await), here);
    let done = location(&second.post(&format!("{here}/answer"), &[("answer", "allow")]).await);
    assert!(done.contains("code="), "{done}");
    let here = location(&second.get(&shop.authorize(&[("scope", "openid bind")])).await);
    assert!(second.get(&here).await.body.contains("name=\"phone\""), "more surely");
    // The provider signs with another key: it is asked for anew.
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let rotated = http.post(format!("{issuer}/rotate")).send().await.expect("an answer");
    assert_eq!(rotated.status(), StatusCode::OK);
    house.clock.advance_to(house.clock.now().plus_seconds(31));
    let mut third = Browser::new(&house, &town);
    let back = there_and_back(&mut third, "/federation/campus", &issuer).await;
    assert_eq!(location(&third.get(&back).await), "/oauth/account");
    let page = third.get("/oauth/account").await;
    assert!(page.body.contains(&issuer), "{}", page.body);
    let tampered = back.replace("iss=http", "iss=https");
    assert_ne!(tampered, back);
    let link = there_and_back(&mut third, "/federation/campus", &issuer).await;
    let reply = third.get(&link.replace("iss=http", "iss=https")).await;
    assert!(reply.body.contains("provider_answer_invalid"), "{}", reply.body);
    third.post("/oauth/account/unlink", &[("issuer", &issuer)]).await;
    assert_eq!(house.app.sso.identities(user).await.expect("listed"), []);
    drop(script);
}

/// Goes to the provider with a browser that knows only cookies, until it is sent back to us.
async fn there_and_back(browser: &mut Browser<'_>, link: &str, issuer: &str) -> String {
    let mut at = location(&browser.get(link).await);
    assert!(at.starts_with(issuer), "{at}");
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("a client");
    let mut cookies = std::collections::BTreeMap::new();
    for _ in 0..10 {
        let jar: Vec<String> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let reply = http.get(&at).header("cookie", jar.join("; ")).send().await.expect("an answer");
        for set in reply.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = reply.status();
        let next = reply.headers().get("location").map(|v| v.to_str().expect("text").to_owned());
        let Some(next) = next else { panic!("{status} at {at}: {:?}", reply.text().await) };
        at = if next.starts_with('/') { format!("{issuer}{next}") } else { next };
        if !at.starts_with(issuer) {
            return at;
        }
    }
    panic!("never sent back: {at}")
}
