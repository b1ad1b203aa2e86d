//! Whatever happens to an answer, a query finds the truth, and the seed alone decides what happens.

use crate::support::{
    Played, close, config, failed, pay, payout, play, refund, statement, succeeded,
};
use channels::{Answer, Differences, Why};
use simulators::{Faults, SimulatorKind};
use std::time::{Duration, Instant};

async fn with(faults: Faults) -> (tempfile::TempDir, Played) {
    let dir = tempfile::tempdir().expect("dir");
    let mut config = config(SimulatorKind::Card, dir.path());
    config.faults = faults;
    let played = play(config).await;
    (dir, played)
}

const ALWAYS: u32 = 1_000_000;

#[tokio::test]
async fn a_lost_answer_is_found_by_a_query() {
    let held = Faults { held_ppm: ALWAYS, hold: Duration::from_secs(20), ..Faults::default() };
    let let_go = Faults { held_ppm: ALWAYS, hold: Duration::from_millis(50), ..Faults::default() };
    let cut = Faults { cut_ppm: ALWAYS, ..Faults::default() };
    for (faults, why) in [(held, Why::TimedOut), (let_go, Why::Broken), (cut, Why::Broken)] {
        let (_dir, played) = with(faults).await;
        let channel = &played.channel;
        assert_eq!(channel.pay(&pay("P1", 990, "09:00:00")).await, Answer::Unknown { why });
        let known = channel.query("P1").await;
        succeeded(&known);
        assert_eq!(channel.pay(&pay("P1", 990, "09:00:00")).await, known, "and by a repeat");
        assert_eq!(channel.query("P2").await, Answer::NotFound);
        close(channel, Differences::default()).await;
        let text = String::from_utf8(statement(channel).await).expect("utf-8");
        assert_eq!(text.matches("`P1,").count(), 1, "done once");
    }
}

#[tokio::test]
async fn an_error_before_the_work_leaves_nothing_behind() {
    let (_dir, played) = with(Faults { server_error_ppm: ALWAYS, ..Faults::default() }).await;
    let channel = &played.channel;
    let request = pay("P1", 990, "09:00:00");
    assert_eq!(channel.pay(&request).await, Answer::Unknown { why: Why::ServerError(500) });
    assert_eq!(channel.query("P1").await, Answer::NotFound);
    succeeded(&channel.pay(&request).await);
}

#[tokio::test]
async fn what_is_processing_is_done_when_asked_again() {
    let (_dir, played) = with(Faults { processing_ppm: ALWAYS, ..Faults::default() }).await;
    let channel = &played.channel;
    let last_second = pay("P1", 990, "23:59:59");
    assert_eq!(channel.pay(&last_second).await, Answer::Unknown { why: Why::Processing });
    let answer = channel.query("P1").await;
    succeeded(&answer);
    let Answer::Succeeded { finished_at, .. } = answer else { unreachable!() };
    assert_eq!(finished_at.date(), crate::support::day(), "it stays in its day");
}

#[tokio::test]
async fn a_late_answer_is_an_answer() {
    let delay = Duration::from_millis(200);
    let (_dir, played) = with(Faults { delayed_ppm: ALWAYS, delay, ..Faults::default() }).await;
    let started = Instant::now();
    succeeded(&played.channel.pay(&pay("P1", 990, "09:00:00")).await);
    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn declines_are_final_and_on_no_statement() {
    let (_dir, played) = with(Faults { decline_ppm: ALWAYS, ..Faults::default() }).await;
    let channel = &played.channel;
    for _ in 0..2 {
        let answer = channel.pay(&pay("P1", 990, "09:00:00")).await;
        assert_eq!(answer, failed("insufficient_funds"));
    }
    assert_eq!(channel.payout(&payout("W1", 100)).await, failed("account_refused"));
    let answer = channel.refund(&refund("R1", "P1", 1, "10:00:00")).await;
    assert_eq!(answer, failed("original_not_refundable"));
    close(channel, Differences::default()).await;
    let text = String::from_utf8(statement(channel).await).expect("utf-8");
    assert!(!text.contains("P1") && !text.contains("W1") && !text.contains("R1"));
}

#[tokio::test]
async fn the_same_seed_plays_the_same_faults() {
    let faults = Faults {
        decline_ppm: 200_000,
        cut_ppm: 200_000,
        processing_ppm: 200_000,
        server_error_ppm: 200_000,
        ..Faults::default()
    };
    let mut days = Vec::new();
    for (seed, backwards) in [(1, false), (1, true), (2, false)] {
        let dir = tempfile::tempdir().expect("dir");
        let mut config = config(SimulatorKind::Wallet, dir.path());
        (config.seed, config.faults) = (seed, faults);
        let played = play(config).await;
        let mut answers = Vec::new();
        let mut numbers: Vec<u32> = (0..60).collect();
        if backwards {
            numbers.reverse();
        }
        for n in numbers {
            answers.push((n, played.channel.pay(&pay(&format!("P{n}"), 100, "09:00:00")).await));
        }
        answers.sort_by_key(|(n, _)| *n);
        days.push(answers);
    }
    assert_eq!(days[0], days[1]);
    assert_ne!(days[0], days[2]);
    let kinds: std::collections::BTreeSet<_> = days[0].iter().map(|(_, a)| a.code()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["failed", "succeeded", "unknown"]);
}
