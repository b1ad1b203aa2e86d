//! The console in a real browser.

use crate::house::{House, run};
use std::path::Path;
use std::process::Command;

/// The browser's program.
pub fn browser() -> &'static str {
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

/// The address behind `href="` that starts so.
fn link<'a>(page: &'a str, start: &str) -> &'a str {
    let at = page.find(&format!("href=\"{start}")).unwrap_or_else(|| panic!("{start}: {page}"));
    page[at + 6..].split('"').next().expect("an address")
}

#[tokio::test]
async fn an_order_is_followed_into_the_ledger_and_back() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    let shown = folder.display().to_string();
    let output = run(&["demo", "--exit", "--json", "--orders", "60", "--data-dir", &shown]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let house = House::open(&folder);
    let entrance = format!("/sign-in?token={}", house.token);
    // The browser keeps the session's cookie in its profile.
    let open = |language: &str, path: &str, wanted: &[&str]| {
        let shown = page(&root.path().join(language), &format!("{}{path}", house.url), language);
        for text in wanted {
            assert!(shown.contains(text), "'{text}' on {path} in {language}: {shown}");
        }
        shown
    };
    open("en", &entrance, &["<svg"]);
    let order = open("en", "/orders?kind=payment&stage=succeeded", &["Succeeded"]);
    let order = open("en", link(&order, "/orders/ord_"), &["Time line"]);
    let transaction = open("en", link(&order, "/transactions/txn_"), &["T-accounts", "posted"]);
    open("en", link(&transaction, "/orders/ord_"), &[link(&order, "/transactions/txn_")]);
    let chart = "/accounts?date=2026-10-12";
    let leaf = open("en", chart, &["both sides agree", "Customer reserves in central deposit"]);
    let leaf = open("en", link(&leaf, "/accounts/leaf/2012"), &["✓ agree"]);
    open("en", link(&leaf, "/accounts/acc_"), &["Running balance", "Before these entries"]);

    open("zh-CN", &entrance, &["<svg"]);
    open("zh-CN", chart, &["两侧相等", "客户备付金集中存管存款"]);
    let path = link(&order, "/transactions/txn_");
    open("zh-CN", path, &["丁字账", "已入账", "商户待结算款"]);
    let trial = "/trial-balance?date=2026-10-12";
    let trial = open("zh-CN", trial, &["✓ 借方 = 贷方", "✓ 分户合计 = 总账", "人民币"]);
    assert!(!trial.contains('✗'), "{trial}");
}
