//! The whole institution with its records and its journal on PostgreSQL: the same day, the same recovery, and one
//! process at a time.

use crate::crash::instant;
use crate::house::{House, binary, run};
use serde_json::Value;
use std::process::Stdio;
use testkit::postgres::Database;

fn play(arguments: &[&str]) -> Value {
    let day = ["demo", "--exit", "--json", "--orders", "200", "--seed", "7"];
    let output = run(&[arguments, &day].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let mut day: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    day.as_object_mut().expect("an object").remove("seconds").expect("seconds");
    day
}

#[test]
fn the_same_seed_plays_the_same_day_on_either_engine() {
    let database = Database::new();
    let day = play(&["--records-url", database.url(), "--journal", database.url()]);
    for (proof, holds) in day["proofs"].as_object().expect("proofs") {
        assert_eq!(holds, true, "{proof}");
    }
    assert_eq!(play(&[]), day);
}

#[tokio::test]
async fn a_day_killed_on_the_way_is_finished_after_the_restart_by_one_process() {
    let (root, database) = (tempfile::tempdir().expect("a folder"), Database::new());
    let folder = root.path().join("institution");
    let config = root.path().join("house.toml");
    let url = database.url();
    let text = format!("[records]\nurl = \"{url}\"\n[book]\njournal = \"{url}\"\n");
    std::fs::write(&config, text).expect("written");
    let mut playing = binary()
        .arg("--config")
        .arg(&config)
        .args(["demo", "--exit", "--json", "--orders", "4000", "--data-dir"])
        .arg(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    // From a moment at which the day has begun on a slow machine too.
    while !folder.join("book/lock").exists() {
        assert!(playing.try_wait().expect("its state").is_none(), "it ended");
        std::thread::sleep(instant(10, 20));
    }
    std::thread::sleep(instant(1_500, 5_000));
    playing.kill().expect("killed");
    playing.wait().expect("gone");

    let house = House::open_with(&folder, &config);
    let (shown, config) = (folder.display().to_string(), config.display().to_string());
    let second = run(&["--config", &config, "ledger", "key", "list", "--data-dir", &shown]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another process writes"), "{said}");
    house.finish().await;
    house.prove().await;
    for kept in ["records.db", "book/0000000001.log"] {
        assert!(!folder.join(kept).exists(), "nothing is kept beside the database: {kept}");
    }
}
