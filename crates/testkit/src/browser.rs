//! A Chromium without a window, for what only a real browser can say.

use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A browser with a profile of its own, ended with its handle.
pub struct Browser {
    child: Child,
    /// Removed after the browser has ended.
    _profile: TempDir,
}

impl Browser {
    /// Opens a page. What it has to tell it sends to the server it came from.
    ///
    /// # Panics
    /// Without Chromium or a temporary folder.
    pub fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let names = ["chromium", "google-chrome", "chromium-browser"];
        let mut started = names.into_iter().filter_map(|name| {
            Command::new(name)
                .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
                .args(["--disable-background-networking", "--disable-component-update"])
                .args(["--disable-sync", "--disable-quic", "--no-proxy-server"])
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .args(["--remote-debugging-port=0", url])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .ok()
        });
        let child = started.next().expect("Chromium is installed; ./test does that");
        drop(started);
        Self { child, _profile: profile }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
