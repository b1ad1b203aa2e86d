//! Risk control through its door, with the shipped books, over real records.

#[path = "cases/files.rs"]
mod files;
#[path = "cases/lists.rs"]
mod lists;
#[path = "cases/ordinary_day.rs"]
mod ordinary_day;
#[path = "cases/shipped_rules.rs"]
mod shipped_rules;
#[path = "cases/stored.rs"]
mod stored;

use std::sync::Arc;

use records::Records;
use risk::{Event, Files, Level, ListEntry, Listed, Risk, Source, Standing};
use tempfile::TempDir;
use types::{CustomerId, ManualClock, OrderId, Timestamp, UserId};

/// The shipped features.
const FEATURES: &str = include_str!("../../../books/risk/features.toml");
/// The shipped rules.
const RULES: &str = include_str!("../../../books/risk/rules.toml");

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A Monday at noon.
fn noon() -> Timestamp {
    Timestamp::parse("2026-10-12T12:00:00+08:00").expect("valid")
}

fn shipped() -> Files<'static> {
    with_rules(RULES)
}

/// The shipped features with other rules.
fn with_rules(rules: &str) -> Files<'_> {
    Files {
        features: Source { file: "features.toml", text: FEATURES },
        rules: Source { file: "rules.toml", text: rules },
    }
}

fn url(dir: &TempDir) -> String {
    testkit::postgres::records_url(dir.path())
}

/// Records in a directory of their own, which lives as long as the first part.
async fn fresh() -> (TempDir, Records) {
    let dir = tempfile::tempdir().expect("a directory");
    let records = Records::open(&url(&dir), &[risk::MIGRATIONS]).await.expect("opens");
    (dir, records)
}

/// Risk control over fresh records.
async fn open(files: Files<'_>) -> (TempDir, Records, Risk) {
    let (dir, records) = fresh().await;
    let risk = reopen(&records, files).await;
    (dir, records, risk)
}

async fn reopen(records: &Records, files: Files<'_>) -> Risk {
    let clock = Arc::new(ManualClock::new(noon()));
    Risk::open_with(records.clone(), files, clock, Arc::new(Standing)).await.expect("opens")
}

fn user(name: &str) -> UserId {
    UserId::of(&[name.as_bytes()])
}

/// A harmless payment of 20 yuan by a user on their own device, proved by one factor.
fn payment(name: &str, number: u64, at: Timestamp) -> Event {
    let order = OrderId::derive(at, &[name.as_bytes(), &number.to_be_bytes()]);
    let mut event = Event::new("payment", at, Some(order));
    event.user = Some(user(name));
    event.customer = Some(CustomerId::of(&[name.as_bytes()]));
    event.amount_minor = Some(2_000);
    event.channel = Some("balance".to_owned());
    event.device = Some(format!("device-of-{name}"));
    event.factors = Some(1);
    event.account_age_days = Some(400);
    event
}

fn entry(listed: Listed, value: impl Into<String>, level: Level) -> ListEntry {
    ListEntry {
        listed,
        value: value.into(),
        level,
        source: "risk desk".to_owned(),
        reason: "case 17".to_owned(),
        expires_at: None,
        created_at: noon().plus_micros(-DAY),
    }
}
