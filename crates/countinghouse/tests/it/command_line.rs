//! Wrong command lines: one clear sentence on stderr, exit code 2, nothing on stdout.

use crate::house::run;

#[test]
fn wrong_inputs_are_named_and_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.toml");
    std::fs::write(&file, "listn = 3").expect("written");
    let file = file.display().to_string();
    let table: [(&[&str], &str); 4] = [
        (&["demo", "--orders", "0", "--exit"], "orders_out_of_range"),
        (&["demo", "--orders", "many"], "--orders"),
        (&["--config", &file, "check"], "listn"),
        (&["--config", "/nowhere/at/all.toml", "check"], "cannot be read"),
    ];
    for (arguments, named) in table {
        let output = run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(named), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_folder_that_is_not_empty_is_not_founded_upon() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mine"), "keep").expect("written");
    let shown = folder.path().display().to_string();
    let output = run(&["demo", "--exit", "--orders", "10", "--data-dir", &shown]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1);
}

#[test]
fn the_shipped_books_and_defaults_are_sound() {
    let output = run(&["check"]);
    assert!(output.status.success());
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(words.contains("templates") && words.contains("2 channels"), "{words}");
}

#[test]
fn a_benchmark_prints_the_figures_of_its_contract_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join("bench").display().to_string();
    let sizes = ["--transfers", "500", "--accounts", "2", "--batch", "100"];
    let arguments = [&["bench", "ledger", "--json", "--data-dir", &shown][..], &sizes].concat();
    let output = run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figures: std::collections::BTreeMap<String, f64> =
        serde_json::from_slice(&output.stdout).expect("one object of numbers");
    let keys: Vec<&str> = figures.keys().map(String::as_str).collect();
    let wanted = [
        "batch_p50_ms",
        "batch_p99_ms",
        "bytes_written_per_transfer",
        "lone_transfer_p50_us",
        "reopen_seconds",
        "rss_mib",
        "sync_p50_us",
        "threads64_per_second",
        "transfers_per_second",
    ];
    assert_eq!(keys, wanted);
    assert!(figures["transfers_per_second"] > 0.0);
    let again = run(&arguments);
    assert!(!again.status.success(), "what was measured is not measured upon");
}

#[test]
fn members_are_measured_on_what_an_earlier_run_filled() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = folder.path().join("bench").display().to_string();
    let measure = |customers: &str| {
        run(&["bench", "members", "--json", "--data-dir", &shown, "--customers", customers])
    };
    let figures = |output: std::process::Output| -> serde_json::Value {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one object")
    };
    let first = figures(measure("20"));
    assert!(first["filled_per_second"].as_f64().is_some_and(|rate| rate > 0.0), "{first}");
    assert_eq!(first["wrong_counted"], 5);
    assert_eq!(first["wrong_locked"], 95);
    assert!(!measure("30").status.success(), "as many as are there, or none");
    let again = figures(measure("20"));
    assert_eq!(again["filled_per_second"], serde_json::Value::Null);
    assert_eq!(again["wrong_counted"], 5);
}
