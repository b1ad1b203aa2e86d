//! A browser that is driven over its `DevTools` socket: opens a page, runs JavaScript there, and has
//! an authenticator in software of its own.

use crate::console::browser;
use crate::house::PATIENCE;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A running browser with one page.
pub struct Browser {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: String,
    number: u64,
}

impl Browser {
    /// Starts a browser with a new profile and opens a page.
    pub async fn open(profile: &Path, url: &str) -> Self {
        let mut child = Command::new(browser())
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let address = listening(&mut child);
        let (socket, _) = tokio_tungstenite::connect_async(address).await.expect("a socket");
        let mut browser = Self { child, socket, session: String::new(), number: 0 };
        let target = browser.command("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.command("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().expect("a session").to_owned();
        browser.command("Page.enable", json!({})).await;
        browser.go(url).await;
        browser
    }

    /// Goes to a page and waits until its module has run: it sets `window.ready`.
    pub async fn go(&mut self, url: &str) {
        self.command("Page.navigate", json!({ "url": url })).await;
        let began = std::time::Instant::now();
        while self.run("globalThis.ready === true && document.readyState").await
            != Ok("complete".into())
        {
            assert!(began.elapsed() < PATIENCE, "{url} does not load");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// A command of the `DevTools` protocol; its result.
    pub async fn command(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.socket.send(Message::text(message.to_string())).await.expect("sent");
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            let message = next.expect("an answer in time").expect("it goes on").expect("whole");
            let Ok(text) = message.to_text() else { continue };
            let answer: Value = serde_json::from_str(text).unwrap_or_default();
            if answer["id"] == self.number {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Runs an expression on the page, as if its user had just clicked; what it comes to, or what
    /// it throws.
    pub async fn run(&mut self, expression: &str) -> Result<Value, String> {
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let ran = self.command("Runtime.evaluate", params).await;
        match ran.get("exceptionDetails") {
            None => Ok(ran["result"]["value"].clone()),
            Some(thrown) => Err(thrown["exception"]["description"].to_string()),
        }
    }

    /// Plugs in an authenticator of its own that verifies its user; `eligible`: its keys may be
    /// copied. Gives its id.
    pub async fn authenticator(&mut self, eligible: bool) -> String {
        let options = json!({
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal",
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true, "defaultBackupEligibility": eligible,
        });
        let added =
            self.command("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await;
        added["authenticatorId"].as_str().expect("an id").to_owned()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads stderr up to the line that names the socket; goes on reading, so that nothing waits for a
/// reader.
fn listening(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.strip_prefix("DevTools listening on ").map(|address| address.trim().to_owned())
    });
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    address.expect("a browser that says where it listens")
}
