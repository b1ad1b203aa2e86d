//! What a book costs as its past grows: rate, resident memory, bytes written a transfer, and the
//! time to open it again after it was killed.
//!
//! `cargo run --release -p bookkeeper --example growth [MILLIONS] [DIRECTORY]` posts that many
//! million transfers (8) with random ids between 10,000 accounts that keep their history, in
//! batches of 8,190, dies without closing the book, and opens it again in another process.

#![allow(clippy::cast_precision_loss, reason = "an example prints rates")]

use bookkeeper::{Bookkeeper, Config};
use ledger::{Action, Chart, Command, NewAccount, Outcome, Owner, Posting, Transaction};
use money::{Amount, CNY};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use types::{AccountId, BusinessDate, Clock, ManualClock, TransactionId, UserId};

type Failure = Box<dyn Error + Send + Sync>;

const ACCOUNTS: u64 = 10_000;
const BATCH: u64 = 8_190;
const THREADS: u64 = 2;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().unwrap_or_else(|| "8".to_owned());
    let dir = arguments.next().map_or_else(|| std::env::temp_dir().join("growth"), PathBuf::from);
    if first == "open" {
        return reopen(&dir);
    }
    let millions: u64 = first.parse()?;
    if arguments.next().is_some() {
        return grow(&dir, millions * 1_000_000);
    }
    if dir.exists() {
        return Err(format!("{} is there already", dir.display()).into());
    }
    let program = std::env::current_exe()?;
    // The one that grows the book ends by an abort, as a kill would end it.
    std::process::Command::new(&program).args([&first, &text(&dir)?, "grow"]).status()?;
    std::process::Command::new(&program).args(["open", &text(&dir)?]).status()?;
    Ok(())
}

fn text(path: &Path) -> Result<String, Failure> {
    Ok(path.to_str().ok_or("the directory's name is no text")?.to_owned())
}

fn open(dir: &Path) -> Result<Bookkeeper, Failure> {
    let date: BusinessDate = "2026-10-12".parse()?;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(date.start()));
    let config = Config { dir: dir.to_owned(), open_date: date };
    Ok(Bookkeeper::open(config, chart()?, clock)?)
}

fn chart() -> Result<Arc<Chart>, Failure> {
    let text = include_str!("../../../books/chart.toml");
    Ok(Arc::new(Chart::parse(text, "books/chart.toml").map_err(|e| e.to_string())?))
}

fn reopen(dir: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    let book = open(dir)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(out, "opened after a kill in {seconds:.2} s at {}; {}", book.seq(), memory()?)?;
    let start = Instant::now();
    let entries = book.latest_entries(cash(7), None, 100)?.len();
    writeln!(out, "{entries} entries of an account in {:.2?}", start.elapsed())?;
    drop(book);
    let start = Instant::now();
    open(dir)?;
    writeln!(out, "opened after a close in {:.2?}", start.elapsed())?;
    Ok(())
}

fn grow(dir: &Path, transfers: u64) -> Result<(), Failure> {
    let book = open(dir)?;
    open_accounts(&book)?;
    let begun = (Instant::now(), written()?);
    std::thread::scope(|scope| {
        let post = |thread: u64| {
            let mut next = thread * BATCH;
            while next < transfers {
                let commands = (next..(next + BATCH).min(transfers)).map(transfer).collect();
                let outcomes = book.submit_blocking(commands)?;
                if let Some(other) = outcomes.iter().find(|o| !matches!(o, Outcome::Done(_))) {
                    return Err(format!("{other:?}").into());
                }
                next += THREADS * BATCH;
            }
            Ok::<(), Failure>(())
        };
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || post(n))).collect();
        threads.into_iter().try_for_each(|t| t.join().unwrap_or_else(|_| Err("died".into())))
    })?;
    let rate = transfers as f64 / begun.0.elapsed().as_secs_f64();
    let bytes = (written()? - begun.1) as f64 / transfers as f64;
    let mut out = std::io::stdout();
    writeln!(out, "{rate:.0} transfers a second, {bytes:.0} bytes written a transfer")?;
    writeln!(out, "{}", memory()?)?;
    std::process::abort()
}

fn cash(number: u64) -> AccountId {
    AccountId::of(&[b"cash", &number.to_be_bytes()])
}

fn open_accounts(book: &Bookkeeper) -> Result<(), Failure> {
    let leaf = chart()?.role("customer_balance_1").ok_or("no such role")?;
    let flags = ledger::Flags { history: true, ..ledger::Flags::default() };
    for first in (0..ACCOUNTS).step_by(5_000) {
        let open = |number: u64| {
            let owner = Owner::User(UserId::of(&[&number.to_be_bytes()]));
            Command::OpenAccount(NewAccount { id: cash(number), asset: CNY, leaf, owner, flags })
        };
        book.submit_blocking((first..first + 5_000).map(open).collect())?;
    }
    Ok(())
}

/// A number without pattern.
fn random(number: u64) -> u128 {
    let mut x = u128::from(number) + 1;
    for _ in 0..3 {
        x = x.wrapping_mul(0x9E37_79B9_7F4A_7C15_D6E8_FEB8_6659_FD93);
        x ^= x >> 67;
    }
    x
}

fn transfer(number: u64) -> Command {
    let random = random(number);
    let pick = |shift: u32| u64::try_from((random >> shift) % u128::from(ACCOUNTS)).unwrap_or(0);
    let from = pick(20);
    let to = (from + 1 + pick(70) % (ACCOUNTS - 1)) % ACCOUNTS;
    let amount = Amount::new(1 + number % 10_000).unwrap_or_default();
    Command::Transact(Transaction {
        id: TransactionId::from_u128(random),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![Posting::exact(cash(from), cash(to), amount)],
        conditions: Vec::new(),
        corrects: None,
    })
}

/// What this process had written to the disk.
fn written() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/io")?;
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(line.ok_or("no write_bytes")?.parse()?)
}

fn memory() -> Result<String, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    };
    let (now, most) = of("VmRSS:").zip(of("VmHWM:")).ok_or("no VmRSS")?;
    Ok(format!("resident {} MiB, at most {} MiB", now >> 10, most >> 10))
}
