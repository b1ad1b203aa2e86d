//! What the operating system counts of a process.

use anyhow::{Context as _, Result};

/// A process of ours.
#[derive(Debug, Clone, Copy)]
pub struct Process(u32);

impl Process {
    /// This one.
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// The one of this number.
    pub const fn of(id: u32) -> Self {
        Self(id)
    }

    /// Bytes it caused to be written to disks since it started.
    pub fn bytes_written(self) -> Result<u64> {
        self.field("io", "write_bytes:")
    }

    /// Its resident memory, in KiB.
    pub fn resident_kib(self) -> Result<u64> {
        self.field("status", "VmRSS:")
    }

    fn field(self, file: &str, name: &str) -> Result<u64> {
        let path = format!("/proc/{}/{file}", self.0);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|rest| rest.split_whitespace().next());
        word.and_then(|word| word.parse().ok()).with_context(|| format!("{path} has no {name}"))
    }
}
