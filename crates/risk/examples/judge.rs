//! How long judging takes with the shipped rules: `cargo run --release -p risk --example judge`.
//!
//! Prints the median and the 99.9th percentile of one judgement, for one thread and for two.

use std::sync::Arc;
use std::time::Instant;

use records::Records;
use risk::{Event, Files, Risk, Source};
use types::{CustomerId, ManualClock, MerchantId, OrderId, Timestamp, UserId};

const EVENTS: u64 = 200_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let url = format!("sqlite://{}", dir.path().join("records.db").display());
    let records = Records::open(&url, &[risk::MIGRATIONS]).await?;
    let files = Files {
        features: Source {
            file: "features.toml",
            text: include_str!("../../../books/risk/features.toml"),
        },
        rules: Source { file: "rules.toml", text: include_str!("../../../books/risk/rules.toml") },
    };
    let start = Timestamp::parse("2026-10-12T08:00:00+08:00")?;
    let risk = Risk::open(records, files, Arc::new(ManualClock::new(start))).await?;
    for threads in [1, 2] {
        measure(&risk, start.plus_seconds(86_400 * i64::from(threads)), threads);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the numbers are what it is for")]
fn measure(risk: &Risk, start: Timestamp, threads: u32) {
    let began = Instant::now();
    let mut nanos: Vec<u128> = std::thread::scope(|scope| {
        let work = |thread| move || one_thread(risk, start, thread, threads);
        let running: Vec<_> = (0..threads).map(|t| scope.spawn(work(t))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    nanos.sort_unstable();
    let at = |per_mille: usize| {
        let place = nanos.len().saturating_mul(per_mille) / 1_000;
        nanos.get(place).copied().unwrap_or_default() / 1_000
    };
    let rate = u128::from(EVENTS) * 1_000 / began.elapsed().as_millis().max(1);
    println!("{threads} thread(s): p50 {} us, p99.9 {} us, {rate} a second", at(500), at(999));
}

fn one_thread(risk: &Risk, start: Timestamp, thread: u32, threads: u32) -> Vec<u128> {
    let mine = (0..EVENTS).filter(|n| n % u64::from(threads) == u64::from(thread));
    mine.map(|number| {
        let event = event(number, start);
        let began = Instant::now();
        std::hint::black_box(risk.judge(&event));
        began.elapsed().as_nanos()
    })
    .collect()
}

/// A payment by one of 2,000 users at one of 200 merchants, a few milliseconds after the last.
fn event(number: u64, start: Timestamp) -> Event {
    let at = start.plus_micros(i64::try_from(number).unwrap_or_default().saturating_mul(250_000));
    let user = (number % 2_000).to_be_bytes();
    let mut event = Event::new("payment", at, Some(OrderId::derive(at, &[&number.to_be_bytes()])));
    event.user = Some(UserId::of(&[&user]));
    event.customer = Some(CustomerId::of(&[&user]));
    event.merchant = Some(MerchantId::of(&[&(number % 200).to_be_bytes()]));
    event.amount_minor = Some(500 + i64::try_from(number * 7_919 % 50_000).unwrap_or_default());
    event.channel = Some("balance".to_owned());
    event.device = Some(format!("device-{}", number % 2_000));
    event.ip = Some(format!("192.0.2.{}", number % 200));
    event.factors = Some(0);
    event.account_age_days = Some(30);
    event
}
