//! What stays when the house is dropped: its folder, its clock, and the town outside.

use crate::{House, Site, Town};
use members::MembersConfig;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use testkit::SeededRandom;
use types::{ManualClock, Random};

const SEED: u64 = 7;

/// A folder, a clock moved by hand, and a town.
pub struct World {
    dir: TempDir,
    /// The clock of house and world.
    pub clock: Arc<ManualClock>,
    random: Arc<dyn Random>,
    town: Town,
    serial: AtomicU32,
}

impl World {
    /// A new world at this moment (RFC 3339), whose channels never fail.
    pub async fn new(at: &str) -> Self {
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            clock: testkit::clock_at(at),
            random: Arc::new(SeededRandom::new(SEED)),
            town: Town::busy().await,
            serial: AtomicU32::new(0),
        }
    }

    /// Opens the house of the folder.
    pub async fn open(&self) -> House {
        let site = Site {
            folder: self.folder(),
            clock: Arc::clone(&self.clock) as _,
            random: Arc::clone(&self.random),
            town: &self.town,
            members: MembersConfig::default(),
            rules: "",
            migrations: &[],
        };
        House::open(site).await
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// A number that was not given before.
    pub(crate) fn serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }
}
