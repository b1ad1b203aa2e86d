//! Figures as they are told.

use std::time::Duration;

/// The time within which this many of a hundred were done.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get(last * percent / 100).copied().unwrap_or_default()
}

/// Milliseconds, to the microsecond.
pub fn millis(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3, 1e3)
}

/// Microseconds, to a tenth.
pub fn micros(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e6, 10.0)
}

/// How many a second, unrounded.
pub fn rate(count: u64, took: Duration) -> f64 {
    float(count) / took.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// Rounded to so many parts of one.
pub fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
