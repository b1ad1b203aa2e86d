//! How fast random ids are looked up and put in while runs are written and merged beside it.
//!
//! `cargo run --release -p archive --example ids [MILLIONS] [DIRECTORY]`: fills the archive with
//! that many million ids (8) in batches of 8,190, each id asked for before it is put in, and
//! prints the rate over all and over the last million: by the clock, and by the processor time of
//! the one thread that asks, which other programs on the machine do not change.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "an example prints rates")]

use archive::{Archive, Checkpoint, Options};
use journal::RealFiles;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const BATCH: u64 = 8_190;

/// Any number's random id: two rounds of a multiplication that spreads its bits.
fn id(number: u64) -> u128 {
    let mut x = u128::from(number) + 1;
    for _ in 0..3 {
        x = x.wrapping_mul(0x9E37_79B9_7F4A_7C15_D6E8_FEB8_6659_FD93);
        x ^= x >> 67;
    }
    x
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let millions: u64 = arguments.next().map_or(Ok(8), |text| text.parse())?;
    let temporary = std::env::temp_dir().join("archive-ids");
    let dir = arguments.next().map_or(temporary, PathBuf::from);
    let _ = std::fs::remove_dir_all(&dir);
    let (mut archive, _) = Archive::open(Arc::new(RealFiles), &dir, Options::new(0))?;
    let (mut next, total) = (0, millions * 1_000_000);
    let mut found = Vec::new();
    let (mut slowest, mut last_million) = (Duration::ZERO, None);
    let begun = Watch::start()?;
    while next < total {
        if next + 1_000_000 >= total && last_million.is_none() {
            last_million = Some((Watch::start()?, next));
        }
        let ids: Vec<u128> = (next..next + BATCH).map(id).collect();
        let started = Instant::now();
        archive.old_ids(&ids, &mut found)?;
        for (number, (id, found)) in (next..).zip(ids.iter().zip(&found)) {
            if found.is_some() || archive.new_id(*id).is_some() {
                return Err(format!("id {number} was there before").into());
            }
            archive.put_id(*id, number);
        }
        if archive.is_due() {
            let state = Box::new(|| Some(Vec::new()));
            archive.freeze(Some(Checkpoint { tag: Vec::new(), state }))?;
        }
        slowest = slowest.max(started.elapsed());
        next += BATCH;
    }
    begun.print("over all", next)?;
    if let Some((since, from)) = last_million {
        since.print("over the last million", next - from)?;
    }
    println!("slowest batch {:.1} ms; {archive:?}", slowest.as_secs_f64() * 1e3);
    archive.settle()?;
    for number in (0..total).step_by(9_973) {
        if archive.view().id(id(number))? != Some(number) {
            return Err(format!("id {number} is not there").into());
        }
    }
    println!("resident {}", resident()?);
    Ok(())
}

/// Time by the clock and on the processor.
struct Watch {
    clock: Instant,
    processor: Duration,
}

impl Watch {
    fn start() -> std::io::Result<Self> {
        Ok(Self { clock: Instant::now(), processor: processor()? })
    }

    fn print(&self, what: &str, count: u64) -> std::io::Result<()> {
        let (clock, processor) =
            (self.clock.elapsed(), processor()?.saturating_sub(self.processor));
        let [clock, processor] = [clock, processor].map(|time| count as f64 / time.as_secs_f64());
        println!("{clock:.0} ids a second {what}, {processor:.0} a second of processor time");
        Ok(())
    }
}

/// What this thread has used of the processor.
fn processor() -> std::io::Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok());
    nanos.map(Duration::from_nanos).ok_or_else(|| std::io::Error::other("no schedstat"))
}

fn resident() -> std::io::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    Ok(status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
        .collect())
}
