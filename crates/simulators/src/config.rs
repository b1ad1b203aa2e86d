//! How a simulator is set up.

use crate::Error;
use channels::{ChannelKey, CostPlan};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Which channel is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulatorKind {
    /// A bank-card channel that also pays out; its statement has WeChat Pay's trade-bill layout.
    Card,
    /// A wallet; its statement has Alipay's business-detail layout.
    Wallet,
}

/// How often what goes wrong, in parts per million of the orders. Each order meets at most one of
/// the ways an answer can go astray; a decline is drawn apart from them, so a declined order's
/// answer can be lost too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// The payer has not enough money (pays and top-ups), the account refuses (payouts).
    pub decline_ppm: u32,
    /// The answer comes after [`Faults::delay`].
    pub delayed_ppm: u32,
    /// The work is done, the answer never comes: the connection is held for [`Faults::hold`],
    /// then cut.
    pub held_ppm: u32,
    /// The work is done, the connection is cut at once.
    pub cut_ppm: u32,
    /// The first answer says `processing`; every later one has the result.
    pub processing_ppm: u32,
    /// The first request gets a 500 before any work; the second is served.
    pub server_error_ppm: u32,
    /// How long a delayed answer takes.
    pub delay: Duration,
    /// How long a held connection is held; longer than the client's time-out to be felt as one.
    pub hold: Duration,
}

/// How a simulator is set up.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Which channel is played.
    pub kind: SimulatorKind,
    /// The directory of its own that holds its trades and statements; made if missing.
    pub dir: PathBuf,
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The key it shares with the institution.
    pub key: ChannelKey,
    /// What every made-up thing and every fault follows from.
    pub seed: u64,
    /// What it charges.
    pub cost: CostPlan,
    /// What goes wrong.
    pub faults: Faults,
    /// Whether the statement is delivered in a zip (the wallet's only), entry name in GBK.
    pub packed: bool,
}

impl SimulatorConfig {
    /// Refuses what cannot be played.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Faults { delayed_ppm, held_ppm, cut_ppm, processing_ppm, server_error_ppm, .. } =
            self.faults;
        let sum = [delayed_ppm, held_ppm, cut_ppm, processing_ppm, server_error_ppm]
            .iter()
            .fold(0u64, |sum, ppm| sum.saturating_add(u64::from(*ppm)));
        if sum > 1_000_000 || self.faults.decline_ppm > 1_000_000 {
            return Err(Error::Configuration("the faults' rates exceed a million".to_owned()));
        }
        if self.packed && self.kind == SimulatorKind::Card {
            return Err(Error::Configuration("the card channel delivers no zip".to_owned()));
        }
        Ok(())
    }
}
