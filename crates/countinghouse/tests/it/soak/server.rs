//! A ledger alone, served by the real binary.

use crate::house::{binary, run};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A `ledger serve`; killed with -9 when it is dropped.
pub(super) struct Server {
    child: Child,
    /// Its base URL.
    pub(super) url: String,
}

/// So few transactions stay in memory that checkpoints are made while transactions come in.
const CONFIGURATION: &str = "[book]\ntransactions_in_memory = 200\n";

fn spawn(folder: &Path) -> Child {
    let configuration = folder.with_extension("toml");
    std::fs::write(&configuration, CONFIGURATION).expect("written");
    binary()
        .args(["ledger", "serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(configuration)
        .arg("--data-dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn kill(child: &mut Child) {
    // It may have ended by itself; then there is nothing to kill.
    let _ = child.kill();
    let _ = child.wait();
}

/// What tells the last checkpoint from every other: its manifest.
pub(super) fn checkpoint(folder: &Path) -> Option<Vec<u8>> {
    std::fs::read(folder.join("book/index/manifest")).ok()
}

/// Makes a key to the whole book.
pub(super) fn key(folder: &Path) -> String {
    let folder = folder.display().to_string();
    let name = ["ledger", "key", "make", "--name", "soak", "--scope", "read,post"];
    let made = run(&[&name[..], &["--whole-book", "--data-dir", &folder]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("text").trim().to_owned()
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(super) fn open(folder: &Path) -> Self {
        let mut child = spawn(folder);
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        stdout.read_line(&mut line).expect("readable");
        let said: serde_json::Value = serde_json::from_str(&line).expect("it listens");
        let url = format!("http://{}", said["listening"].as_str().expect("an address"));
        Self { child, url }
    }

    /// Starts it and kills it after a while, be it still recovering or not.
    pub(super) fn open_and_kill(folder: &Path, after: Duration) {
        let mut child = spawn(folder);
        std::thread::sleep(after);
        kill(&mut child);
    }

    /// Tells it to stop, and kills it after a while, be it still writing its checkpoint or not.
    pub(super) fn stop_and_kill(self, after: Duration) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(told.success(), "it ended before it was told to");
        std::thread::sleep(after);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

/// `verify` of what a kill left.
pub(super) fn verify(folder: &Path) {
    let found = run(&["verify", "--data-dir", &folder.display().to_string()]);
    let said = [found.stdout, found.stderr].concat();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&said));
}
