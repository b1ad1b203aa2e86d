//! kill -9 at random instants of a running day: opened again, every order is finished and all
//! proofs hold.

use crate::house::{House, Playing, run};
use std::time::Duration;
use testkit::SeededRandom;

/// The variable of the environment that gives the seed, to play a run that failed again.
const SEED: &str = "COUNTINGHOUSE_TEST_SEED";

/// The seed of the environment, else chance of the process (its id and address layout differ every
/// run); printed, as the variable that leads to it.
pub fn seed() -> u64 {
    let given = std::env::var(SEED).ok();
    let given = given.map(|text| text.parse().unwrap_or_else(|e| panic!("{SEED}={text}: {e}")));
    let seed = given.unwrap_or_else(chance);
    eprintln!("{SEED}={seed}");
    seed
}

fn chance() -> u64 {
    let here = 0_u8;
    u64::from(std::process::id()) ^ (std::ptr::from_ref(&here).addr() as u64)
}

/// An instant between these, in milliseconds; new every run, and printed.
pub fn instant(from: u64, to: u64) -> Duration {
    let millis = from + SeededRandom::new(seed()).below(to - from);
    eprintln!("killed after {millis} ms");
    Duration::from_millis(millis)
}

async fn survives(orders: u64, seed: u64, after: Duration) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("institution");
    let playing = Playing::start(&folder, orders, seed);
    std::thread::sleep(after);
    playing.kill();
    if !folder.join("institution.toml").exists() {
        return; // killed before it was founded
    }
    // Killed again while it recovers, then left to finish.
    let house = House::open(&folder);
    std::thread::sleep(instant(1, 300));
    house.kill();
    let house = House::open(&folder);
    house.finish().await;
    house.prove().await;
    drop(house);
    let shown = folder.display().to_string();
    let verified = run(&["verify", "--json", "--data-dir", &shown]);
    let told = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{told}");
    let found: serde_json::Value = serde_json::from_str(&told).expect("one JSON object");
    assert_eq!(found["proofs"]["index_agrees"], true, "{told}");
}

#[tokio::test]
async fn a_day_killed_at_random_instants_is_finished_after_the_restart() {
    for seed in 0..4 {
        survives(4_000, seed, instant(2_500, 9_000)).await;
    }
}
