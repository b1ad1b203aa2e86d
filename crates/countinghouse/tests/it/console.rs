//! The console in a real browser.

use crate::house::{House, run};
use std::path::Path;
use std::process::Command;

fn browser() -> &'static str {
    let names = ["chromium", "google-chrome", "chromium-browser"];
    let found = names.into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    found.expect("Chromium is installed; ./test does that")
}

/// The page as the browser has it after everything was loaded.
fn page(profile: &Path, url: &str, language: &str) -> String {
    let output = Command::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args([&format!("--lang={language}"), &format!("--accept-lang={language}")])
        .args(["--dump-dom", url])
        .output()
        .expect("the browser runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn the_board_opens_with_the_token_and_only_with_it() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    let shown = folder.display().to_string();
    let output = run(&["demo", "--exit", "--json", "--orders", "60", "--data-dir", &shown]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let house = House::open(&folder);

    let closed = page(&root.path().join("p1"), &format!("{}/", house.url), "en");
    assert!(closed.contains("<form") && !closed.contains("<svg"), "{closed}");
    let wrong = format!("{}/sign-in?token=00000000000000000000000000000000", house.url);
    let refused = page(&root.path().join("p2"), &wrong, "en");
    assert!(!refused.contains("<svg"), "{refused}");

    let entrance = format!("{}/sign-in?token={}", house.url, house.token);
    let board = page(&root.path().join("p3"), &entrance, "en");
    assert!(board.contains("<svg"), "the board has its plots: {board}");
    let chinese = page(&root.path().join("p4"), &entrance, "zh-CN");
    assert!(chinese.contains("对账") && chinese.contains("<svg"), "{chinese}");
}
