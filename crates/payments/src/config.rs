//! What an institution decides about orders.

use money::Amount;
use serde::Deserialize;

/// What an institution decides about orders. Every field has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The most of one order, in minor units. Default: 50,000 CNY.
    #[serde(rename = "max_order_minor")]
    pub max_order: Amount,
    /// How long an order waits for a stronger factor, in seconds. Default: 900.
    pub authentication_seconds: i64,
    /// How long what was sent to a channel may still arrive there although the channel does not
    /// know it yet, in seconds; longer than any time-out of a channel. Default: 60.
    pub arrival_seconds: i64,
    /// How long an order that was given up because its channel did not know it is looked at again,
    /// in seconds: what the channel took late is sent back. Default: 86,400.
    pub late_watch_seconds: i64,
    /// The wait before a channel is asked again the first time, in seconds; it doubles each time.
    /// Default: 1.
    pub first_wait_seconds: i64,
    /// The longest of these waits, in seconds. Default: 300.
    pub most_wait_seconds: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_order: Amount::new(5_000_000).unwrap_or_default(),
            authentication_seconds: 900,
            arrival_seconds: 60,
            late_watch_seconds: 86_400,
            first_wait_seconds: 1,
            most_wait_seconds: 300,
        }
    }
}

impl Config {
    /// How long to wait after this many attempts, in seconds.
    pub fn wait(&self, attempts: u32) -> i64 {
        let doublings = attempts.saturating_sub(1).min(30);
        let factor = 1i64.checked_shl(doublings).unwrap_or(i64::MAX);
        self.first_wait_seconds.max(1).saturating_mul(factor).min(self.most_wait_seconds.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let config = Config::default();
        let waits: Vec<i64> = (0..12).map(|n| config.wait(n)).collect();
        assert_eq!(waits, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(config.wait(u32::MAX), 300);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(toml::from_str::<Config>("max_order_minor = 100").is_ok());
        assert!(toml::from_str::<Config>("max_order_minor = -1").is_err());
        assert!(toml::from_str::<Config>("grace = 1").is_err());
    }
}
