//! `countinghouse client`: business systems on the command line.

use crate::house::{House, run};
use serde_json::{Value, json};

fn said(arguments: &[&str]) -> Value {
    let output = run(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

#[test]
fn clients_are_added_listed_given_secrets_and_put_out_of_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("house").display().to_string();
    let place = ["--data-dir", data.as_str()];
    let with = |words: &[&'static str], rest: &[&str]| -> Vec<String> {
        words.iter().chain(&place).chain(rest).map(|word| (*word).to_owned()).collect()
    };
    let client = |words: &[&'static str], rest: &[&str]| {
        let all = with(words, rest);
        said(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let nowhere = run(&["client", "list", "--data-dir", &data]);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("holds no institution"));
    client(&["found"], &[]);
    let mut terms = json!({ "name": { "en": "Shop", "zh": "商店" }, "grade": 1,
        "proving": { "method": "client_secret_basic" },
        "redirect_uris": ["https://shop.example/cb"], "scopes": "openid" });
    let file = folder.path().join("client.json");
    let shown = file.display().to_string();
    std::fs::write(&file, terms.to_string()).expect("written");
    let made = client(&["client", "add"], &[&shown]);
    let (id, secret) = (made["client_id"].as_str().expect("an id"), &made["client_secret"]);
    assert!(secret.as_str().is_some_and(|secret| secret.len() == 43), "{made}");
    let listed = client(&["client", "list"], &[]);
    assert_eq!((&listed[0]["id"], &listed[0]["name"]["en"]), (&json!(id), &json!("Shop")));
    assert!(!listed.to_string().contains(secret.as_str().expect("text")));
    assert_ne!(client(&["client", "secret"], &[id])["client_secret"], *secret);
    let kid = client(&["client", "rotate-keys"], &[]);
    assert_ne!(client(&["client", "rotate-keys"], &[]), kid);
    client(&["client", "disable"], &[id]);
    assert!(client(&["client", "list"], &[])[0]["disabled_at"].is_string());
    terms["redirect_uris"] = json!(["http://shop.example/cb"]);
    std::fs::write(&file, terms.to_string()).expect("written");
    for (words, rest, code) in [
        (&["client", "add"], shown.as_str(), "redirect_uri_invalid"),
        (&["client", "disable"], id, "client_not_found"),
    ] {
        let all = with(words, &[rest]);
        let output = run(&all.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(2), "{code}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(code));
    }
}

#[test]
fn what_signs_tokens_outlives_the_key_it_was_sealed_under() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().display().to_string();
    let place = ["--data-dir", data.as_str()];
    said(&[["demo", "--exit", "--orders", "5"].as_slice(), &place].concat());
    for (word, figure) in
        [("rotate", None), ("reseal", Some("resealed")), ("drop", Some("dropped"))]
    {
        let figures = said(&[["keys", word].as_slice(), &place].concat());
        assert!(figure.is_none_or(|name| figures[name].as_u64() > Some(0)), "{word}: {figures}");
    }
    // Opening reads every key that signs or verifies.
    drop(House::open(folder.path()));
}
