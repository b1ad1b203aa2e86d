//! The contract of `demo --exit --json`.

use crate::house::run;
use serde_json::Value;

fn play(orders: u64, seed: u64) -> Value {
    let (orders, seed) = (orders.to_string(), seed.to_string());
    let output = run(&["demo", "--exit", "--json", "--orders", &orders, "--seed", &seed]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let mut day: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let seconds = day.as_object_mut().expect("an object").remove("seconds").expect("seconds");
    assert!(seconds.as_f64().is_some_and(|seconds| seconds > 0.0));
    day
}

#[test]
fn the_same_seed_plays_the_same_day_and_its_books_close() {
    let day = play(600, 7);
    let number = |pointer: &str| day.pointer(pointer).and_then(Value::as_u64).expect(pointer);
    assert_eq!(number("/orders/total"), 600);
    assert_eq!(number("/orders/succeeded") + number("/orders/failed"), 600);
    let risk = ["accepted", "step_up", "review", "rejected"].map(|k| number(&format!("/risk/{k}")));
    let total = number("/orders/total");
    assert_eq!(risk.iter().sum::<u64>(), total, "every order is judged once");
    for class in ["missing_at_us", "missing_at_channel", "amount", "fee", "status", "duplicate"] {
        // One of each class at each of the two channels.
        assert_eq!(number(&format!("/recon/breaks/{class}")), 2, "{class}");
    }
    assert!(number("/recon/matched") > 200);
    assert!(number("/settlement/merchants") >= 5);
    assert!(number("/settlement/net_minor") > 0 && number("/settlement/fees_minor") > 0);
    assert!(number("/settlement/advanced_minor") > 0);
    for (proof, holds) in day["proofs"].as_object().expect("proofs") {
        assert_eq!(holds, true, "{proof}");
    }
    assert_eq!(play(600, 7), day, "the same seed");
    assert_ne!(play(600, 8), day, "another seed");
}
