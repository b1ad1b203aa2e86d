//! A running binary: started on a free port, ended by its process id.

use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a start, and the finishing of all orders, may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    binary().args(arguments).output().expect("the binary runs")
}

/// The binary, with no configuration but the one it is given.
pub fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    command
        .env("LANG", "en")
        .env_remove("COUNTINGHOUSE_CONFIG")
        .env_remove("COUNTINGHOUSE_RECORDS_URL")
        .env_remove("COUNTINGHOUSE_JOURNAL");
    command
}

/// A `demo` in the middle of its day: no port, only a process to be killed.
pub struct Playing(Child);

impl Playing {
    /// Starts a day in an empty folder.
    pub fn start(folder: &Path, orders: u64, seed: u64) -> Self {
        let child = binary()
            .args(["demo", "--exit", "--json", "--orders", &orders.to_string()])
            .args(["--seed", &seed.to_string(), "--data-dir"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        Self(child)
    }

    /// kill -9. True if it was still playing.
    pub fn kill(mut self) -> bool {
        let playing = self.0.try_wait().expect("its state").is_none();
        self.0.kill().expect("killed");
        self.0.wait().expect("gone");
        playing
    }
}

/// A `serve` that listens.
pub struct House {
    child: Child,
    /// Its base URL.
    pub url: String,
    /// What the operator signs in with.
    pub token: String,
    client: reqwest::Client,
}

impl House {
    /// Opens the institution of a folder and waits until it listens.
    pub fn open(folder: &Path) -> Self {
        Self::started(folder, &mut binary())
    }

    /// The same, with a configuration file.
    pub fn open_with(folder: &Path, config: &Path) -> Self {
        Self::started(folder, binary().arg("--config").arg(config))
    }

    fn started(folder: &Path, command: &mut Command) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = child.stderr.take().expect("piped");
        let (url, token) = announced(BufReader::new(stderr));
        Self { child, url, token, client: reqwest::Client::new() }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An operator's GET, as JSON.
    pub async fn ask(&self, path: &str) -> serde_json::Value {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// A request with a body and a bearer token, as status and JSON.
    pub async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        bearer: &str,
        body: &str,
    ) -> (u16, serde_json::Value) {
        let answer = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(bearer)
            .header("content-type", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(serde_json::Value::Null))
    }

    /// Waits until no order is under way but those that wait for a person.
    pub async fn finish(&self) {
        let began = Instant::now();
        loop {
            let left = self.ask("/v1/admin/unfinished").await;
            if left["processing"] == 0 {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "orders are still unfinished: {left}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Fails unless all four proofs hold.
    pub async fn prove(&self) {
        let proofs = self.ask("/v1/admin/proofs").await;
        for proof in [
            "debits_equal_credits",
            "subledger_equals_gl",
            "reserve_covers_liabilities",
            "orders_equal_ledger",
        ] {
            assert_eq!(proofs[proof], true, "{proof}: {proofs}");
        }
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads stderr up to the line that names the console's address and token; goes on reading in the
/// background, so that the process never waits for a reader.
fn announced(mut stderr: impl std::io::BufRead + Send + 'static) -> (String, String) {
    let mut said = String::new();
    loop {
        let mut line = String::new();
        let read = stderr.read_line(&mut line).expect("readable");
        assert!(read > 0, "it ended before it listened: {said}");
        said.push_str(&line);
        let Some(at) = line.find("http://") else { continue };
        let (url, token) = line[at..].trim().split_once("/sign-in?token=").expect("a token");
        let found = (url.to_owned(), token.to_owned());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                eprintln!("serve: {line}");
            }
        });
        return found;
    }
}
