//! What the operating system counts of this process.

use anyhow::{Context as _, Result};

/// Bytes this process caused to be written to disks since it started.
pub fn bytes_written() -> Result<u64> {
    field("/proc/self/io", "write_bytes:")
}

/// Resident memory, in KiB.
pub fn resident_kib() -> Result<u64> {
    field("/proc/self/status", "VmRSS:")
}

fn field(path: &str, name: &str) -> Result<u64> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{path} cannot be read"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|rest| rest.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).with_context(|| format!("{path} has no {name}"))
}
